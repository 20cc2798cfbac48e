package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.RelativeBias;
import java.util.List;

/**
 * Attention as a differentiable function: of rows to themselves, and of rows to others. Where the
 * tape has {@link Noise}, probabilities are dropped.
 */
public final class AttentionFunctions {

  /**
   * The rotation of queries and keys.
   *
   * @param position I32, one per row
   * @param table F32, cosine and sine of every position and pair
   */
  public record Rotation(Buffer position, Buffer table) {}

  /**
   * A bias by distance, and where its gradient goes.
   *
   * @param gradient F32, of the table's size, added to; null on a tape that does not record
   */
  public record Bias(RelativeBias bias, Buffer gradient) {}

  /** Queries, keys and values as columns of one matrix. */
  record Heads(Matrix q, Matrix k, Matrix v) {

    static Heads of(Attention shape, Matrix qkv) {
      long queries = (long) shape.heads() * shape.headSize();
      Heads keysAndValues = ofMemory(shape, null, qkv.columns(queries, qkv.cols() - queries));
      return new Heads(qkv.columns(0, queries), keysAndValues.k, keysAndValues.v);
    }

    static Heads ofMemory(Attention shape, Matrix q, Matrix kv) {
      long keys = (long) shape.kvHeads() * shape.headSize();
      return new Heads(q, kv.columns(0, keys), kv.columns(keys, keys));
    }
  }

  private AttentionFunctions() {}

  /**
   * Self-attention over rows that hold queries, keys and values side by side.
   *
   * @param qkv N x (heads + 2 kvHeads) headSize; turned in place if {@code rotation} is given
   * @param rotation rotary positions, or null
   * @param bias by distance, or null
   */
  public static Tensor self(
      Tape tape,
      String name,
      Attention shape,
      Tensor qkv,
      Intervals intervals,
      Rotation rotation,
      Bias bias) {
    Kernels kernels = tape.kernels();
    Heads heads = Heads.of(shape, qkv.matrix());
    rotate(kernels, heads, shape, rotation, false);
    AttentionOptions options = options(tape, bias);
    Result result = forward(tape, name, shape, heads, intervals, options);
    tape.record(
        name,
        () -> {
          Heads gradients = Heads.of(shape, fresh(tape, name, qkv));
          backward(
              tape,
              shape,
              gradients,
              bias == null ? null : bias.gradient,
              result,
              heads,
              intervals,
              options);
          rotate(kernels, gradients, shape, rotation, true);
        },
        List.of(result.out),
        result.logSumExp);
    return result.out;
  }

  /**
   * Attention of rows to rows of another sequence.
   *
   * @param q queries x (heads headSize)
   * @param memory keys x (2 kvHeads headSize): keys and values side by side
   */
  public static Tensor cross(
      Tape tape, String name, Attention shape, Tensor q, Tensor memory, Intervals intervals) {
    Heads heads = Heads.ofMemory(shape, q.matrix(), memory.matrix());
    AttentionOptions options = options(tape, null);
    Result result = forward(tape, name, shape, heads, intervals, options);
    tape.record(
        name,
        () -> {
          Matrix dq = fresh(tape, name, q);
          Heads gradients = Heads.ofMemory(shape, dq, fresh(tape, name, memory));
          backward(tape, shape, gradients, null, result, heads, intervals, options);
        },
        List.of(result.out),
        result.logSumExp);
    return result.out;
  }

  private record Result(Tensor out, Buffer logSumExp) {}

  private static Result forward(
      Tape tape,
      String name,
      Attention shape,
      Heads heads,
      Intervals intervals,
      AttentionOptions options) {
    Tensor out = tape.tensor(name, shape.queries(), (long) shape.heads() * shape.headSize());
    Buffer logSumExp = tape.floats(name + " log-sum-exp", shape.heads() * shape.queries());
    tape.kernels()
        .attention(shape, out.matrix(), logSumExp, heads.q, heads.k, heads.v, intervals, options);
    return new Result(out, logSumExp);
  }

  private static void backward(
      Tape tape,
      Attention shape,
      Heads gradients,
      Buffer biasGradient,
      Result result,
      Heads heads,
      Intervals intervals,
      AttentionOptions options) {
    Tensor out = result.out;
    tape.kernels()
        .attentionBackward(
            shape,
            gradients.q,
            gradients.k,
            gradients.v,
            biasGradient,
            Matrix.of(tape.gradient(out), out.rows(), out.width()),
            heads.q,
            heads.k,
            heads.v,
            out.matrix(),
            result.logSumExp,
            intervals,
            options);
  }

  private static AttentionOptions options(Tape tape, Bias bias) {
    Dropout dropout = tape.noise() == null ? null : tape.noise().dropout();
    Buffer seed = dropout == null ? null : tape.noise().stepValues();
    return bias == null && dropout == null
        ? AttentionOptions.NONE
        : new AttentionOptions(bias == null ? null : bias.bias, dropout, seed);
  }

  /** Where the gradient of an argument goes that nothing else may have used. */
  private static Matrix fresh(Tape tape, String name, Tensor argument) {
    Tape.Sink sink = tape.sink(argument);
    if (sink.accumulate()) {
      throw new IllegalStateException(name + ": " + argument.name() + " is used elsewhere");
    }
    return sink.matrix();
  }

  /** Turns queries and keys by their positions, or back. */
  private static void rotate(
      Kernels kernels, Heads heads, Attention shape, Rotation rotation, boolean inverse) {
    if (rotation != null) {
      kernels.rotary(heads.q, shape.headSize(), rotation.position, rotation.table, inverse);
      kernels.rotary(heads.k, shape.headSize(), rotation.position, rotation.table, inverse);
    }
  }
}
