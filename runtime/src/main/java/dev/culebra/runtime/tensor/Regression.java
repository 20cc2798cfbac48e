package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import java.util.List;

/** The mean squared error as a loss. */
public final class Regression {

  private Regression() {}

  /**
   * Adds the rows' mean squared errors to a term: scaled on a recording tape, else their plain sum.
   * The formula stands on {@link Kernels#squaredError}.
   *
   * @param prediction N x C
   * @param target N x C, of the compute type
   * @param weight F32, N: of each row; null for ones
   */
  public static void loss(
      Tape tape, Tensor prediction, Matrix target, Buffer weight, LossTerm term) {
    Kernels kernels = tape.kernels();
    Buffer losses = tape.floats("squared errors", prediction.rows());
    if (!tape.recording()) {
      kernels.squaredError(losses, prediction.matrix(), target, weight, null);
      kernels.addSum(term.total(), losses, null);
      losses.release();
      return;
    }
    Buffer gradient = tape.scratch(prediction.name() + " gradient", prediction.data().length());
    kernels.copy(gradient, prediction.data());
    Matrix p = Matrix.of(gradient, prediction.rows(), prediction.width());
    kernels.squaredError(losses, p, target, weight, term.scale());
    kernels.addSum(term.total(), losses, term.scale());
    losses.release();
    tape.record("squared error", () -> tape.pass(prediction, gradient), List.of(), gradient);
  }
}
