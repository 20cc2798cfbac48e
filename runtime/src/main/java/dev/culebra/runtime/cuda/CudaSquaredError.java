package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;

/** The mean squared error of rows, a block per row. */
final class CudaSquaredError {

  private static final String NAME = "squaredError";

  private final Launcher launcher;
  private final Grids grids;

  CudaSquaredError(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
  }

  void squaredError(Buffer loss, Matrix prediction, Matrix target, Buffer weight, Buffer scale) {
    DType real = launcher.computeType();
    long rows = prediction.rows();
    long cols = prediction.cols();
    Contract.f32(NAME, "loss", loss, rows);
    Contract.matrix(NAME, "prediction", prediction, real);
    Contract.matrix(NAME, "target", target, real, rows, cols);
    if (weight != null) {
      Contract.f32(NAME, "weight", weight, rows);
    }
    if (scale != null) {
      Contract.f32(NAME, "scale", scale, 1);
    }
    if (rows > 0) {
      int threads = Grids.threads(Math.ceilDiv(cols, grids.share()), Grids.THREADS);
      launcher
          .launch(launcher.function("squared_error.cu", "squared_error"), rows, threads)
          .arg(loss)
          .arg(prediction.data())
          .arg(prediction.stride())
          .arg(target.data())
          .arg(target.stride())
          .arg(weight)
          .arg(scale)
          .arg(cols)
          .run();
    }
  }
}
