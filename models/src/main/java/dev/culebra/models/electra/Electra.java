package dev.culebra.models.electra;

import dev.culebra.models.bert.Encoder;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.bert.EncoderShape.Head;
import dev.culebra.models.nn.AttentionContext;
import dev.culebra.models.nn.Block;
import dev.culebra.models.nn.Layers;
import dev.culebra.models.nn.Linear;
import dev.culebra.models.nn.NormLayer;
import dev.culebra.models.nn.TokenInput;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenRows;
import dev.culebra.models.nn.Transformer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.BinaryHead;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * ELECTRA (Clark et al. 2020, arXiv:2003.10555): a small generator that fills masks, and an encoder
 * that tells which tokens were replaced. Both read the same embeddings; the generator projects them
 * to its width. As a model of tokens, it is the generator.
 */
public final class Electra implements TokenModel {

  /** Names of the generator's own tensors begin so; {@link #ofGenerator} drops it. */
  private static final String GENERATOR = "generator.";

  /** The generator's head has the authors' activation, whatever its blocks have. */
  private static final Activation HEAD = Activation.GELU;

  /** Names of the discriminator's head begin so. */
  public static final String ASKED = "discriminator_predictions.";

  private final ElectraShape shape;
  private final Parameters all = new Parameters();
  private final Encoder discriminator;
  private final Linear answersDense;
  private final BinaryHead answers;
  private final NormLayer embeddingNorm;
  private final Linear project;
  private final Transformer generator;
  private final Linear tokensDense;
  private final NormLayer tokensNorm;
  private final Parameter tokensBias;

  /** Allocates a model on {@code device}; its weights are zeros until they are set. */
  public Electra(Device device, ElectraShape shape) {
    this.shape = shape;
    EncoderShape d = shape.discriminator().with(Head.NONE);
    EncoderShape g = shape.generator();
    int e = shape.embedding();
    Layers declared = Layers.normal(all);
    this.discriminator = new Encoder(all, d, "electra.", e);
    this.answersDense = declared.linear(d.width(), d.width(), ASKED + "dense");
    String last = ASKED + "dense_prediction.";
    this.answers =
        new BinaryHead(
            all.add(Kind.HEAD, last + "weight", declared.init(), 1, d.width()),
            all.add(Kind.BIAS, last + "bias", Initializer.zeros(), 1));
    String name = GENERATOR + "electra.";
    this.embeddingNorm = declared.norm(name + "embeddings.LayerNorm", e);
    this.project = Encoder.projection(declared, name, e, g.width());
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < g.layers(); i++) {
      String layer = name + "encoder.layer." + i + ".";
      blocks.add(Encoder.block(declared, layer, g.width(), g.hidden()));
    }
    this.generator = new Transformer("generator layer", g.stack(), blocks, null);
    String filled = GENERATOR + "generator_predictions.";
    this.tokensDense = declared.linear(g.width(), e, filled + "dense");
    this.tokensNorm = declared.norm(filled + "LayerNorm", e);
    this.tokensBias =
        all.add(
            Kind.BIAS, GENERATOR + "generator_lm_head.bias", Initializer.zeros(), d.vocabulary());
    all.allocate(device);
  }

  @Override
  public Parameters parameters() {
    return all;
  }

  @Override
  public Architecture architecture() {
    return Architecture.ENCODER;
  }

  @Override
  public int vocabulary() {
    return shape.discriminator().vocabulary();
  }

  @Override
  public int context() {
    return shape.discriminator().context();
  }

  @Override
  public ObjectNode config(TokenIds ids) {
    return ElectraConfig.discriminator(shape, ids);
  }

  /** The {@code config.json} of the generator. */
  public ObjectNode generatorConfig(TokenIds ids) {
    return ElectraConfig.generator(shape, ids);
  }

  @Override
  public String description() {
    EncoderShape d = shape.discriminator();
    return Format.text(
        "electra, %,d parameters: %s, width %d, generator's width %d, context %d, vocabulary %,d",
        all.count(),
        Format.count(d.layers(), "layers"),
        d.width(),
        shape.generator().width(),
        context(),
        vocabulary());
  }

  /** Whether a tensor is the generator's alone, whose folder is another one. */
  public static boolean isGenerators(String tensor) {
    return tensor.startsWith(GENERATOR);
  }

  /** The name of a tensor in the generator's folder, if it belongs there. */
  public static List<String> ofGenerator(String tensor) {
    if (tensor.startsWith(GENERATOR)) {
      return List.of(tensor.substring(GENERATOR.length()));
    }
    return isShared(tensor) ? List.of(tensor) : List.of();
  }

  /** The name of a tensor in the discriminator's file; null if it is the generator's. */
  static String inDiscriminator(String tensor) {
    return tensor.startsWith(GENERATOR) ? null : tensor;
  }

  /** The name here of a tensor in the generator's folder. */
  public static String fromGenerator(String stored) {
    return GENERATOR + stored;
  }

  /** Whether a tensor lies in both files. */
  static boolean isShared(String tensor) {
    return tensor.startsWith("electra.embeddings.") && tensor.endsWith("_embeddings.weight");
  }

  @Override
  public Set<String> vocabularyTensors() {
    return Set.of(discriminator.tokens().name(), tokensBias.name());
  }

  /** What is not the discriminator's encoder. */
  @Override
  public boolean mayLack(String tensor) {
    return tensor.startsWith(GENERATOR) || tensor.startsWith(ASKED);
  }

  @Override
  public String optionalPrefix() {
    return "electra.";
  }

  @Override
  public boolean ignores(String tensor) {
    return discriminator.ignores(tensor);
  }

  @Override
  public boolean leavesOut(String tensor) {
    return Encoder.isHead(tensor);
  }

  /** The embeddings lie in both folders, and the generator's output matrix is one of them. */
  @Override
  public List<String> ties(String tensor) {
    if (!isShared(tensor)) {
      return List.of();
    }
    return tensor.equals(discriminator.tokens().name())
        ? List.of(fromGenerator(tensor), fromGenerator("generator_lm_head.weight"))
        : List.of(fromGenerator(tensor));
  }

  /** What the generator says of masked rows, N x E. */
  @Override
  public Tensor forward(Tape tape, TokenInput input) {
    TokenRows rows = input.encoder();
    Tensor embedded = discriminator.embed(tape, "generator embedding", rows);
    EncoderShape g = shape.generator();
    Tensor normed = embeddingNorm.apply(tape, "generator embedding norm", g.norm(), embedded);
    Tensor narrow = project == null ? normed : project.apply(tape, "generator projection", normed);
    Tensor last = generator.forward(tape, narrow, AttentionContext.of(rows.intervals()));
    Tensor wide = tokensDense.apply(tape, "generator head", last);
    Tensor activated = Pointwise.activate(tape, "generator head", HEAD, wide);
    return tokensNorm.apply(tape, "generator head norm", g.norm(), activated);
  }

  @Override
  public LanguageHead head(CrossEntropy options, long budget) {
    return new LanguageHead(discriminator.tokens(), tokensBias, options, budget);
  }

  /** What the discriminator says of rows, N x C, for {@link #answers}. */
  public Tensor discriminate(Tape tape, TokenRows rows) {
    Tensor last = discriminator.encode(tape, rows);
    Tensor dense = answersDense.apply(tape, "discriminator head", last);
    return Pointwise.activate(
        tape, "discriminator head", shape.discriminator().activation(), dense);
  }

  /** The question whether a row's token was replaced. */
  public BinaryHead answers() {
    return answers;
  }

  /** Frees the weights. */
  @Override
  public void close() {
    all.close();
  }
}
