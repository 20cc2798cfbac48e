package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Epilogue;
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

  /**
   * Which row of a table each row takes.
   *
   * @param index I32, one number per row; -1 for a row of zeros
   * @param first the table's row that number 0 stands for
   */
  public record Lookup(Parameter table, Buffer index, long first) {

    /** Numbers count from the table's first row. */
    public Lookup(Parameter table, Buffer index) {
      this(table, index, 0);
    }

    private Matrix rows(Matrix all) {
      return all.rows(first, all.rows() - first);
    }
  }

  /** The sum of the rows that each lookup takes from its table: tokens, positions, types. */
  public static Tensor embedding(Tape tape, String name, long rows, List<Lookup> lookups) {
    Tensor y = tape.tensor(name, rows, lookups.getFirst().table.matrix().cols());
    boolean more = false;
    for (Lookup lookup : lookups) {
      tape.kernels().gatherRows(y.matrix(), lookup.rows(lookup.table.matrix()), lookup.index, more);
      more = true;
    }
    tape.record(
        name,
        () -> {
          Matrix dy = Matrix.of(tape.gradient(y), y.rows(), y.width());
          for (Lookup lookup : lookups) {
            tape.kernels()
                .scatterAddRows(lookup.rows(lookup.table.gradientMatrix()), dy, lookup.index);
          }
        },
        List.of(y));
    return y;
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

  private static Buffer value(Parameter parameter) {
    return parameter == null ? null : parameter.value();
  }

  private static Buffer gradient(Parameter parameter) {
    return parameter == null ? null : parameter.gradient();
  }
}
