package dev.culebra.objectives.architecture;

import dev.culebra.objectives.architecture.DecoderParameters.Block;
import dev.culebra.objectives.architecture.DecoderParameters.Gain;
import dev.culebra.objectives.architecture.DecoderParameters.Linear;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Functions.Normalized;
import dev.culebra.runtime.tensor.Functions.Rotation;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A decoder on a device: its weights and its forward pass. */
public final class Decoder implements AutoCloseable {

  /**
   * What the decoder reads.
   *
   * @param ids I32, N token ids of all sequences flattened
   * @param positions I32, N
   * @param intervals what each of the N rows may see
   * @param rows N
   */
  public record Input(Buffer ids, Buffer positions, Intervals intervals, long rows) {}

  private final DecoderShape shape;
  private final DecoderParameters parameters;
  private final Buffer rotation;
  private final Norm norm;

  /** Allocates a decoder on {@code device}; its weights are zeros until they are set. */
  public Decoder(Device device, DecoderShape shape) {
    this.shape = shape;
    this.parameters = DecoderParameters.of(shape);
    this.norm = new Norm(shape.family().norm(), (float) shape.epsilon());
    parameters.all().allocate(device);
    this.rotation = shape.family().rotary() ? rotationTable(device, shape) : null;
  }

  /** Number of weights of a decoder of this shape, without building one. */
  public static long countParameters(DecoderShape shape) {
    return DecoderParameters.of(shape).all().count();
  }

  /** The shape. */
  public DecoderShape shape() {
    return shape;
  }

  /** The weights. */
  public Parameters parameters() {
    return parameters.all();
  }

  /** The output matrix with its loss. */
  public LanguageHead head(CrossEntropy options, long budget) {
    return new LanguageHead(parameters.head(), null, options, budget);
  }

  /** The last hidden states, N x C, normalised. */
  public Tensor forward(Tape tape, Input input) {
    return forward(tape, input, null);
  }

  /** As {@link #forward(Tape, Input)}, with keys and values of earlier rows from {@code cache}. */
  public Tensor forward(Tape tape, Input input, KvCache cache) {
    Rotation turn = rotation == null ? null : new Rotation(input.positions(), rotation);
    Tensor x = embed(tape, input);
    Normalized n =
        norm(tape, 0, "attention", x, null, parameters.blocks().getFirst().attentionNorm());
    for (int i = 0; i < shape.layers(); i++) {
      Block block = parameters.blocks().get(i);
      Tensor attended = attend(tape, i, block, n.normalized(), input, turn, cache);
      n = norm(tape, i, "feed-forward", n.sum(), attended, block.mlpNorm());
      Tensor fed = feedForward(tape, i, block, n.normalized());
      n =
          i + 1 < shape.layers()
              ? norm(
                  tape,
                  i + 1,
                  "attention",
                  n.sum(),
                  fed,
                  parameters.blocks().get(i + 1).attentionNorm())
              : Functions.norm(
                  tape,
                  "final norm",
                  norm,
                  n.sum(),
                  fed,
                  parameters.norm().gamma(),
                  parameters.norm().beta());
    }
    return n.normalized();
  }

  private Tensor embed(Tape tape, Input input) {
    if (parameters.positions() == null) {
      return Functions.embedding(tape, "embedding", parameters.tokens(), input.ids(), input.rows());
    }
    return Functions.embedding(
        tape,
        "embedding",
        parameters.tokens(),
        input.ids(),
        parameters.positions(),
        input.positions(),
        input.rows());
  }

  private Tensor attend(
      Tape tape, int i, Block block, Tensor x, Input input, Rotation turn, KvCache cache) {
    Tensor qkv = linear(tape, name(i, "queries, keys, values"), x, block.qkv());
    Tensor attended;
    if (cache == null) {
      Attention attention = attention(shape, input.rows(), input.rows());
      attended =
          Functions.selfAttention(
              tape, name(i, "attention"), attention, qkv, input.intervals(), turn);
    } else {
      attended = cache.attend(tape, i, qkv, input.intervals(), turn);
    }
    return linear(tape, name(i, "attention output"), attended, block.out());
  }

  private Tensor feedForward(Tape tape, int i, Block block, Tensor x) {
    Tensor hidden;
    if (shape.family().gated()) {
      Tensor gateUp = linear(tape, name(i, "gate and up"), x, block.up());
      hidden = Pointwise.gated(tape, name(i, "feed-forward"), Activation.SILU, gateUp);
    } else {
      hidden =
          Functions.linearGelu(
              tape,
              name(i, "feed-forward"),
              x,
              block.up().weight(),
              shape.family().outputsFirst(),
              block.up().bias());
    }
    return linear(tape, name(i, "feed-forward output"), hidden, block.down());
  }

  private Tensor linear(Tape tape, String name, Tensor x, Linear linear) {
    return Functions.linear(
        tape, name, x, linear.weight(), shape.family().outputsFirst(), linear.bias());
  }

  private Normalized norm(Tape tape, int i, String what, Tensor x, Tensor residual, Gain gain) {
    return Functions.norm(
        tape, name(i, what + " norm"), norm, x, residual, gain.gamma(), gain.beta());
  }

  private static String name(int layer, String what) {
    return "layer " + layer + " " + what;
  }

  /** The attention of a decoder of this shape. */
  static Attention attention(DecoderShape shape, long queries, long keys) {
    return new Attention(
        queries,
        keys,
        shape.heads(),
        shape.kvHeads(),
        shape.headSize(),
        (float) (1 / Math.sqrt(shape.headSize())));
  }

  private static Buffer rotationTable(Device device, DecoderShape shape) {
    int half = shape.headSize() / 2;
    long length = 2L * shape.context() * half;
    Buffer table = device.allocate("rotation table", DType.F32, length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(table.bytes(), 64);
      long index = 0;
      for (int position = 0; position < shape.context(); position++) {
        for (int j = 0; j < half; j++) {
          double angle = position * StrictMath.pow(shape.ropeTheta(), -2.0 * j / shape.headSize());
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
