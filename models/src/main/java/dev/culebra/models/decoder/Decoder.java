package dev.culebra.models.decoder;

import dev.culebra.models.nn.AttentionContext;
import dev.culebra.models.nn.KvCache;
import dev.culebra.models.nn.TokenInput;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenRows;
import dev.culebra.models.nn.Transformer;
import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.AttentionFunctions.Rotation;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Lookup;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** A decoder on a device: its weights and its forward pass. */
public final class Decoder implements TokenModel {

  private final DecoderShape shape;
  private final DecoderParameters parameters;
  private final Transformer stack;
  private final Buffer rotation;

  /** Allocates a decoder on {@code device}; its weights are zeros until they are set. */
  public Decoder(Device device, DecoderShape shape) {
    this.shape = shape;
    this.parameters = DecoderParameters.of(shape);
    this.stack = new Transformer("layer", shape.stack(), parameters.blocks(), parameters.norm());
    try (Acquired acquired = new Acquired()) {
      parameters.all().allocate(device);
      acquired.add(parameters.all()::close);
      this.rotation = shape.family().rotary() ? rotationTable(device, shape) : null;
      acquired.keep();
    }
  }

  /** Number of weights of a decoder of this shape, without building one. */
  public static long countParameters(DecoderShape shape) {
    return DecoderParameters.of(shape).all().count();
  }

  /** The shape. */
  public DecoderShape shape() {
    return shape;
  }

  @Override
  public Parameters parameters() {
    return parameters.all();
  }

  @Override
  public Architecture architecture() {
    return Architecture.DECODER;
  }

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return shape.context();
  }

  @Override
  public ObjectNode config(TokenIds ids) {
    return DecoderConfig.write(shape, ids);
  }

  @Override
  public String description() {
    return Format.text(
        "%s, %,d parameters: %s, width %d, %s, context %d, vocabulary %,d",
        shape.family().id(),
        parameters.all().count(),
        Format.count(shape.layers(), "layers"),
        shape.width(),
        Format.count(shape.heads(), "heads"),
        shape.context(),
        shape.vocabulary());
  }

  @Override
  public String optionalPrefix() {
    return shape.family() == DecoderFamily.GPT2 ? "transformer." : "model.";
  }

  /** Masks of old GPT-2 files, frequencies of old Llama files. */
  @Override
  public boolean ignores(String tensor) {
    return switch (shape.family()) {
      case GPT2 -> tensor.endsWith(".attn.bias") || tensor.endsWith(".attn.masked_bias");
      case LLAMA -> tensor.endsWith("rotary_emb.inv_freq");
    };
  }

  /** Heads of classifiers. */
  @Override
  public boolean leavesOut(String tensor) {
    return tensor.matches(
        "(score|classifier|qa_outputs|(transformer\\.)?multiple_choice_head)\\..+");
  }

  /** The output matrix, where it is the embedding. */
  @Override
  public List<String> ties(String tensor) {
    return shape.tied() && tensor.equals(parameters.tokens().name())
        ? List.of("lm_head.weight")
        : List.of();
  }

  @Override
  public Set<String> vocabularyTensors() {
    return Stream.of(parameters.tokens(), parameters.head())
        .map(Parameter::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public LanguageHead head(CrossEntropy options, long budget) {
    return new LanguageHead(parameters.head(), null, options, budget);
  }

  @Override
  public Tensor forward(Tape tape, TokenInput input) {
    return forward(tape, input.decoder(), null);
  }

  /** The last hidden states, N x C, normalised, with earlier rows from {@code cache} if given. */
  public Tensor forward(Tape tape, TokenRows rows, KvCache cache) {
    List<Lookup> lookups = new ArrayList<>(2);
    lookups.add(new Lookup(parameters.tokens(), rows.ids()));
    if (parameters.positions() != null) {
      lookups.add(new Lookup(parameters.positions(), rows.positions()));
    }
    Tensor x = Functions.embedding(tape, "embedding", rows.count(), lookups);
    Rotation turn = rotation == null ? null : new Rotation(rows.positions(), rotation);
    return stack.forward(
        tape, x, AttentionContext.of(rows.intervals()).rotating(turn).remembering(cache));
  }

  private static Buffer rotationTable(Device device, DecoderShape shape) {
    int half = shape.headSize() / 2;
    long length = 2L * shape.context() * half;
    Buffer table = device.allocate("rotation table", DType.F32, length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(table.bytes(), 64);
      long index = 0;
      double[] frequencies = shape.rotary().frequencies(shape.headSize());
      for (int position = 0; position < shape.context(); position++) {
        for (double frequency : frequencies) {
          double angle = position * frequency;
          host.setAtIndex(ValueLayout.JAVA_FLOAT, index++, (float) StrictMath.cos(angle));
          host.setAtIndex(ValueLayout.JAVA_FLOAT, index++, (float) StrictMath.sin(angle));
        }
      }
      device.upload(table, host);
    }
    return table;
  }

  /** Frees the weights. */
  @Override
  public void close() {
    parameters.all().close();
    if (rotation != null && rotation.alive()) {
      rotation.release();
    }
  }
}
