package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.tensor.Tape.Sink;
import java.util.List;

/**
 * Differentiable functions: each runs operations of the wall and records how to go back.
 *
 * <p>Arguments named {@code x} are tensors of N rows; the formula of each operation stands on
 * {@link Kernels}.
 */
public final class Functions {

  /** A normalisation's results: {@code sum} = x + residual, and {@code normalized}. */
  public record Normalized(Tensor sum, Tensor normalized) {}

  /**
   * The rotation of queries and keys.
   *
   * @param position I32, one per row
   * @param table F32, cosine and sine of every position and pair
   */
  public record Rotation(Buffer position, Buffer table) {}

  private Functions() {}

  /** y = x W + b, with W as {@code weight} holds it, or its transpose. Bias may be null. */
  public static Tensor linear(
      Tape tape, String name, Tensor x, Parameter weight, boolean transposed, Parameter bias) {
    Matrix w = transposed ? weight.matrix().t() : weight.matrix();
    Tensor y = tape.tensor(name, x.rows(), w.width());
    tape.kernels().matmul(y.matrix(), x.matrix(), w, Epilogue.bias(value(bias)));
    tape.record(
        name,
        () -> linearBackward(tape, x, weight, transposed, bias, tape.gradient(y)),
        List.of(y));
    return y;
  }

  /**
   * y = gelu(x W + b) by {@link Activation#GELU_TANH}, which the product has as its epilogue;
   * arguments as in {@link #linear}.
   */
  public static Tensor linearGelu(
      Tape tape, String name, Tensor x, Parameter weight, boolean transposed, Parameter bias) {
    Matrix w = transposed ? weight.matrix().t() : weight.matrix();
    Tensor y = tape.tensor(name, x.rows(), w.width());
    Buffer before = tape.scratch(name + " before gelu", y.data().length());
    tape.kernels().matmul(y.matrix(), x.matrix(), w, Epilogue.biasGelu(value(bias), before));
    tape.record(
        name,
        () -> {
          Buffer gradient = tape.gradient(y);
          tape.kernels().activateBackward(Activation.GELU_TANH, before, gradient, before);
          linearBackward(tape, x, weight, transposed, bias, before);
        },
        List.of(y),
        before);
    return y;
  }

  private static void linearBackward(
      Tape tape, Tensor x, Parameter weight, boolean transposed, Parameter bias, Buffer gradient) {
    Kernels kernels = tape.kernels();
    long width = gradient.length() / Math.max(1, x.rows());
    Matrix dy = Matrix.of(gradient, x.rows(), width);
    if (bias != null) {
      kernels.addColumnSums(bias.gradient(), dy);
    }
    Matrix dw = weight.gradientMatrix();
    if (transposed) {
      kernels.matmul(dw, dy.t(), x.matrix(), Epilogue.ADD);
    } else {
      kernels.matmul(dw, x.matrix().t(), dy, Epilogue.ADD);
    }
    Sink dx = tape.sink(x);
    Matrix w = transposed ? weight.matrix() : weight.matrix().t();
    kernels.matmul(dx.matrix(), dy, w, Epilogue.accumulate(dx.accumulate()));
  }

  /** Rows of an embedding table; {@code index} is I32 with one id per row. */
  public static Tensor embedding(Tape tape, String name, Parameter table, Buffer index, long rows) {
    Tensor y = tape.tensor(name, rows, table.matrix().cols());
    tape.kernels().gatherRows(y.matrix(), table.matrix(), index, false);
    tape.record(name, () -> embeddingBackward(tape, y, table, index), List.of(y));
    return y;
  }

  /** The sum of two embeddings: of ids and of positions. */
  public static Tensor embedding(
      Tape tape,
      String name,
      Parameter table,
      Buffer index,
      Parameter positionTable,
      Buffer position,
      long rows) {
    Tensor y = tape.tensor(name, rows, table.matrix().cols());
    tape.kernels().gatherRows(y.matrix(), table.matrix(), index, false);
    tape.kernels().gatherRows(y.matrix(), positionTable.matrix(), position, true);
    tape.record(
        name,
        () -> {
          embeddingBackward(tape, y, table, index);
          embeddingBackward(tape, y, positionTable, position);
        },
        List.of(y));
    return y;
  }

  private static void embeddingBackward(Tape tape, Tensor y, Parameter table, Buffer index) {
    Matrix dy = Matrix.of(tape.gradient(y), y.rows(), y.width());
    tape.kernels().scatterAddRows(table.gradientMatrix(), dy, index);
  }

  /**
   * s = x + residual and its normalisation. Both x and residual receive the gradient of s, as one
   * shared buffer.
   *
   * @param residual may be null: then s is x
   * @param gamma may be null, for ones
   * @param beta may be null, for zeros
   */
  public static Normalized norm(
      Tape tape,
      String name,
      Norm norm,
      Tensor x,
      Tensor residual,
      Parameter gamma,
      Parameter beta) {
    Kernels kernels = tape.kernels();
    Tensor sum = residual == null ? x : tape.tensor(name + " sum", x.rows(), x.width());
    Tensor y = tape.tensor(name, x.rows(), x.width());
    Buffer statistics = tape.floats(name + " statistics", x.rows() * 2);
    kernels.norm(
        norm,
        y.matrix(),
        statistics,
        residual == null ? null : sum.data(),
        x.matrix(),
        residual == null ? null : residual.data(),
        value(gamma),
        value(beta));
    tape.record(
        name,
        () -> {
          if (tape.gradient(y) != null) {
            Sink ds = tape.sink(sum);
            kernels.normBackward(
                norm,
                ds.matrix(),
                gradient(gamma),
                gradient(beta),
                Matrix.of(tape.gradient(y), y.rows(), y.width()),
                sum.matrix(),
                statistics,
                value(gamma),
                ds.accumulate());
          }
          if (residual != null) {
            tape.pass(x, tape.gradient(sum));
            tape.pass(residual, tape.gradient(sum));
          }
        },
        residual == null ? List.of(y) : List.of(sum, y),
        statistics);
    return new Normalized(sum, y);
  }

  /**
   * Self-attention over rows that hold queries, keys and values side by side.
   *
   * @param qkv N x (heads + 2 kvHeads) headSize; turned in place if {@code rotation} is given
   * @param rotation rotary positions, or null
   */
  public static Tensor selfAttention(
      Tape tape, String name, Attention shape, Tensor qkv, Intervals intervals, Rotation rotation) {
    Kernels kernels = tape.kernels();
    Heads heads = Heads.of(shape, qkv.matrix());
    rotate(kernels, heads, shape, rotation, false);
    Tensor out = tape.tensor(name, qkv.rows(), (long) shape.heads() * shape.headSize());
    Buffer logSumExp = tape.floats(name + " log-sum-exp", shape.heads() * shape.queries());
    kernels.attention(
        shape,
        out.matrix(),
        logSumExp,
        heads.q,
        heads.k,
        heads.v,
        intervals,
        AttentionOptions.NONE);
    tape.record(
        name,
        () -> {
          Sink sink = tape.sink(qkv);
          if (sink.accumulate()) {
            throw new IllegalStateException(name + ": queries, keys and values are used elsewhere");
          }
          Heads gradients = Heads.of(shape, sink.matrix());
          kernels.attentionBackward(
              shape,
              gradients.q,
              gradients.k,
              gradients.v,
              null,
              Matrix.of(tape.gradient(out), out.rows(), out.width()),
              heads.q,
              heads.k,
              heads.v,
              out.matrix(),
              logSumExp,
              intervals,
              AttentionOptions.NONE);
          rotate(kernels, gradients, shape, rotation, true);
        },
        List.of(out),
        logSumExp);
    return out;
  }

  /** Turns queries and keys by their positions, or back. */
  static void rotate(
      Kernels kernels, Heads heads, Attention shape, Rotation rotation, boolean inverse) {
    if (rotation != null) {
      kernels.rotary(heads.q, shape.headSize(), rotation.position, rotation.table, inverse);
      kernels.rotary(heads.k, shape.headSize(), rotation.position, rotation.table, inverse);
    }
  }

  /** Queries, keys and values as columns of one matrix. */
  record Heads(Matrix q, Matrix k, Matrix v) {

    static Heads of(Attention shape, Matrix qkv) {
      long queries = (long) shape.heads() * shape.headSize();
      long keys = (long) shape.kvHeads() * shape.headSize();
      return new Heads(
          qkv.columns(0, queries), qkv.columns(queries, keys), qkv.columns(queries + keys, keys));
    }
  }

  /**
   * Columns {@code from} to {@code from + count} of x as a tensor of its own. Gradients meet again
   * in that of x.
   */
  public static Tensor columns(Tape tape, String name, Tensor x, long from, long count) {
    Tensor y = tape.tensor(name, x.rows(), count);
    tape.kernels().copyRows(y.matrix(), x.matrix().columns(from, count), false);
    tape.record(
        name,
        () -> {
          Sink dx = tape.sink(x);
          if (!dx.accumulate()) {
            tape.kernels().fill(dx.matrix().data(), 0);
          }
          Matrix dy = Matrix.of(tape.gradient(y), y.rows(), y.width());
          tape.kernels().copyRows(dx.matrix().columns(from, count), dy, true);
        },
        List.of(y));
    return y;
  }

  /**
   * x with some values dropped and the others scaled; x itself on a tape that does not record, for
   * dropout belongs to training.
   *
   * @param stepValues holds the step's seed
   */
  public static Tensor dropout(
      Tape tape, String name, Tensor x, Dropout dropout, Buffer stepValues) {
    if (!tape.recording() || dropout.rate() == 0) {
      return x;
    }
    Tensor y = tape.tensor(name, x.rows(), x.width());
    tape.kernels().dropout(dropout, y.data(), x.data(), stepValues);
    tape.record(
        name,
        () -> {
          Buffer dy = tape.gradient(y);
          Buffer dx = dy.exclusive() ? dy.retain() : tape.scratch(name + " gradient", dy.length());
          tape.kernels().dropout(dropout, dx, dy, stepValues);
          tape.pass(x, dx);
          dx.release();
        },
        List.of(y));
    return y;
  }

  private static Buffer value(Parameter parameter) {
    return parameter == null ? null : parameter.value();
  }

  private static Buffer gradient(Parameter parameter) {
    return parameter == null ? null : parameter.gradient();
  }
}
