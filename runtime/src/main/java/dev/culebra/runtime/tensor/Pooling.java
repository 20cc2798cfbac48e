package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.tensor.Tape.Sink;
import java.util.List;

/**
 * Differentiable functions that turn the rows of a sequence into one row, and rows to directions.
 */
public final class Pooling {

  private Pooling() {}

  /** Each row divided by its l2 norm: see {@link Kernels#normalizeRows}. */
  public static Tensor normalizeRows(Tape tape, String name, Tensor x) {
    Tensor y = tape.tensor(name, x.rows(), x.width());
    Buffer inverseNorms = tape.floats(name + " inverse norms", x.rows());
    tape.kernels().normalizeRows(y.matrix(), inverseNorms, x.matrix());
    tape.record(
        name,
        () -> {
          Sink dx = tape.sink(x);
          tape.kernels()
              .normalizeRowsBackward(
                  dx.matrix(), gradient(tape, y), y.matrix(), inverseNorms, dx.accumulate());
        },
        List.of(y),
        inverseNorms);
    return y;
  }

  /**
   * The mean of each interval of rows: see {@link Kernels#pool}.
   *
   * @param rows number of intervals, and of rows of the result
   */
  public static Tensor pool(Tape tape, String name, Tensor x, Intervals intervals, long rows) {
    Tensor y = tape.tensor(name, rows, x.width());
    tape.kernels().pool(y.matrix(), x.matrix(), intervals);
    tape.record(
        name,
        () -> {
          Sink dx = tape.sink(x);
          tape.kernels().poolBackward(dx.matrix(), gradient(tape, y), intervals, dx.accumulate());
        },
        List.of(y));
    return y;
  }

  /**
   * Rows of a tensor by index: a class token of each sequence, or one vector for all rows of a
   * sample.
   *
   * @param index I32, one row number of x per row of the result; -1 gives zeros
   * @param rows number of rows of the result
   */
  public static Tensor gather(Tape tape, String name, Tensor x, Buffer index, long rows) {
    Kernels kernels = tape.kernels();
    Tensor y = tape.tensor(name, rows, x.width());
    kernels.gatherRows(y.matrix(), x.matrix(), index, false);
    tape.record(
        name,
        () -> {
          Sink dx = tape.sink(x);
          if (!dx.accumulate()) {
            kernels.fill(dx.matrix().data(), 0);
          }
          kernels.scatterAddRows(dx.matrix(), gradient(tape, y), index);
        },
        List.of(y));
    return y;
  }

  private static Matrix gradient(Tape tape, Tensor y) {
    return Matrix.of(tape.gradient(y), y.rows(), y.width());
  }
}
