package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;

/** Rows divided by their l2 norm, a block per row. */
final class CudaUnitRows {

  private static final String FILE = "unit_rows.cu";

  private final Launcher launcher;
  private final Grids grids;
  private final DType real;

  CudaUnitRows(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
    this.real = launcher.computeType();
  }

  void normalizeRows(Matrix y, Buffer inverseNorms, Matrix x) {
    Contract.matrix("normalizeRows", "y", y, real, x.rows(), x.cols());
    Contract.f32("normalizeRows", "inverseNorms", inverseNorms, x.rows());
    Contract.matrix("normalizeRows", "x", x, real);
    if (x.rows() > 0) {
      over("unit_rows", x)
          .arg(y.data())
          .arg(y.stride())
          .arg(inverseNorms)
          .arg(x.data())
          .arg(x.stride())
          .arg(x.cols())
          .run();
    }
  }

  void normalizeRowsBackward(
      Matrix dx, Matrix dy, Matrix y, Buffer inverseNorms, boolean accumulate) {
    String name = "normalizeRowsBackward";
    Contract.matrix(name, "dx", dx, real, y.rows(), y.cols());
    Contract.matrix(name, "dy", dy, real, y.rows(), y.cols());
    Contract.matrix(name, "y", y, real);
    Contract.f32(name, "inverseNorms", inverseNorms, y.rows());
    if (y.rows() > 0) {
      over("unit_rows_backward", y)
          .arg(dx.data())
          .arg(dx.stride())
          .arg(dy.data())
          .arg(dy.stride())
          .arg(y.data())
          .arg(y.stride())
          .arg(inverseNorms)
          .arg(y.cols())
          .arg(accumulate ? 1 : 0)
          .run();
    }
  }

  private Launch over(String kernel, Matrix x) {
    int threads = Grids.threads(Math.ceilDiv(x.cols(), grids.share()), Grids.THREADS);
    return launcher.launch(launcher.function(FILE, kernel), x.rows(), threads);
  }
}
