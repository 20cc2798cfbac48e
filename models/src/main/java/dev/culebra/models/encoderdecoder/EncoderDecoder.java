package dev.culebra.models.encoderdecoder;

import dev.culebra.models.encoderdecoder.EncoderDecoderShape.Family;
import dev.culebra.models.nn.AttentionContext;
import dev.culebra.models.nn.TokenInput;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenRows;
import dev.culebra.models.nn.Transformer;
import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.AttentionFunctions;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Lookup;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** An encoder and a decoder that reads what it made, on a device: T5 or BART. */
public final class EncoderDecoder implements TokenModel {

  private final EncoderDecoderShape shape;
  private final EncoderDecoderParameters parameters;
  private final Transformer encoder;
  private final Transformer decoder;
  private final RelativePositionBias encoderBias;
  private final RelativePositionBias decoderBias;

  /** Allocates a model on {@code device}; its weights are zeros until they are set. */
  public EncoderDecoder(Device device, EncoderDecoderShape shape) {
    this.shape = shape;
    this.parameters = EncoderDecoderParameters.of(shape);
    EncoderDecoderParameters.Side e = parameters.encoder();
    EncoderDecoderParameters.Side d = parameters.decoder();
    this.encoder = new Transformer("encoder layer", shape.stack(), e.blocks(), e.last());
    this.decoder = new Transformer("decoder layer", shape.stack(), d.blocks(), d.last());
    boolean biased = shape.family() == Family.T5;
    try (Acquired acquired = new Acquired()) {
      parameters.all().allocate(device);
      acquired.add(parameters.all()::close);
      this.encoderBias =
          biased ? new RelativePositionBias(device, e.distances(), true, shape.farthest()) : null;
      if (biased) {
        acquired.add(encoderBias::close);
      }
      this.decoderBias =
          biased ? new RelativePositionBias(device, d.distances(), false, shape.farthest()) : null;
      acquired.keep();
    }
  }

  /** The shape. */
  public EncoderDecoderShape shape() {
    return shape;
  }

  @Override
  public Parameters parameters() {
    return parameters.all();
  }

  @Override
  public Architecture architecture() {
    return Architecture.ENCODER_DECODER;
  }

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return shape.family() == Family.T5 ? Integer.MAX_VALUE : shape.context();
  }

  @Override
  public ObjectNode config(TokenIds ids) {
    return EncoderDecoderConfig.write(shape, ids);
  }

  @Override
  public String description() {
    return Format.text(
        "%s, %,d parameters: %d + %d layers, width %d, %s, vocabulary %,d",
        shape.family().id(),
        parameters.all().count(),
        shape.layers(),
        shape.decoderLayers(),
        shape.width(),
        Format.count(shape.heads(), "heads"),
        shape.vocabulary());
  }

  @Override
  public String optionalPrefix() {
    return shape.family() == Family.BART ? "model." : "";
  }

  /**
   * A bias that T5 does not use, BART's constant bias of zeros, what old files counted, and the
   * shared embedding beside those of both sides, which then nothing reads.
   */
  @Override
  public boolean ignores(String tensor) {
    return switch (shape.family()) {
      case T5 ->
          tensor.equals("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight");
      case BART ->
          tensor.equals("final_logits_bias")
              || tensor.endsWith("coder.version")
              || (!shape.tied() && tensor.matches("(model\\.)?shared\\.weight"));
    };
  }

  /** A bias of the tokens' logits, which no published BART has. */
  @Override
  public boolean mustBeZero(String tensor) {
    return tensor.equals("final_logits_bias");
  }

  /** Heads of classifiers. */
  @Override
  public boolean leavesOut(String tensor) {
    return tensor.matches("(classification_head|classifier|qa_outputs)\\..+");
  }

  /** The embeddings of both sides, and the output matrix where it is one with them. */
  @Override
  public List<String> ties(String tensor) {
    Parameter shared = parameters.encoder().tokens();
    if (!tensor.equals(shared.name()) || shared != parameters.decoder().tokens()) {
      return List.of();
    }
    String sides = shape.family() == Family.BART ? "model." : "";
    Stream<String> embeddings =
        Stream.of(sides + "encoder.embed_tokens.weight", sides + "decoder.embed_tokens.weight");
    Stream<String> head =
        parameters.head() == shared ? Stream.of("lm_head.weight") : Stream.empty();
    return Stream.concat(embeddings, head).toList();
  }

  /**
   * T5's output matrix is its embedding in files that have no other; so are the embeddings of both
   * sides of an untied BART the shared one in files of before version 5 of transformers.
   */
  @Override
  public String substitute(String tensor) {
    if (shape.tied()) {
      return null;
    }
    boolean head = tensor.equals(parameters.head().name());
    return switch (shape.family()) {
      case T5 -> head ? parameters.encoder().tokens().name() : null;
      case BART ->
          !head && vocabularyTensors().contains(tensor)
              ? EncoderDecoderParameters.BART_SHARED
              : null;
    };
  }

  /** An untied BART of transformers has the shared embedding, too. */
  @Override
  public List<String> writtenAgain(String tensor) {
    return shape.family() == Family.BART
            && !shape.tied()
            && tensor.equals(parameters.encoder().tokens().name())
        ? List.of(EncoderDecoderParameters.BART_SHARED)
        : List.of();
  }

  @Override
  public Tensor forward(Tape tape, TokenInput input) {
    TokenRows source = input.encoder();
    TokenRows target = input.decoder();
    Tensor x = embed(tape, "encoder embedding", source, parameters.encoder());
    Tensor memory =
        encoder.forward(
            tape,
            x,
            AttentionContext.of(source.intervals())
                .biased(bias(tape, encoderBias, "encoder bias")));
    Tensor y = embed(tape, "decoder embedding", target, parameters.decoder());
    Tensor rows =
        decoder.forward(
            tape,
            y,
            AttentionContext.of(target.intervals())
                .biased(bias(tape, decoderBias, "decoder bias"))
                .reading(memory, input.cross()));
    return shape.scaled()
        ? Pointwise.scale(tape, "scaled output", (float) (1 / Math.sqrt(shape.width())), rows)
        : rows;
  }

  private Tensor embed(Tape tape, String name, TokenRows rows, EncoderDecoderParameters.Side side) {
    Lookup tokens = new Lookup(side.tokens(), rows.ids());
    if (shape.family() == Family.T5) {
      return Functions.embedding(tape, name, rows.count(), List.of(tokens));
    }
    Lookup positions =
        new Lookup(side.positions(), rows.positions(), EncoderDecoderParameters.BART_OFFSET);
    Tensor x = Functions.embedding(tape, name, rows.count(), List.of(tokens, positions));
    return side.embeddingNorm().apply(tape, name + " norm", shape.norm(), x);
  }

  private static AttentionFunctions.Bias bias(Tape tape, RelativePositionBias bias, String name) {
    return bias == null ? null : bias.of(tape, name);
  }

  @Override
  public Set<String> vocabularyTensors() {
    return Stream.of(
            parameters.encoder().tokens(), parameters.decoder().tokens(), parameters.head())
        .map(Parameter::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public LanguageHead head(CrossEntropy options, long budget) {
    return new LanguageHead(parameters.head(), null, options, budget);
  }

  /** Frees the weights. */
  @Override
  public void close() {
    parameters.all().close();
    if (encoderBias != null) {
      encoderBias.close();
      decoderBias.close();
    }
  }
}
