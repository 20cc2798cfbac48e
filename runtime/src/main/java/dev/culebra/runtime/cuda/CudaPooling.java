package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;

/**
 * Means of rows over intervals. These are in device memory and nobody checks them: what lies
 * outside the rows does not count.
 */
final class CudaPooling {

  private static final String FILE = "pool.cu";
  private static final int WARP = 32;

  private final Launcher launcher;
  private final Grids grids;
  private final DType real;

  CudaPooling(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
    this.real = launcher.computeType();
  }

  void pool(Matrix y, Matrix x, Intervals intervals) {
    Contract.matrix("pool", "y", y, real, y.rows(), x.cols());
    Contract.matrix("pool", "x", x, real);
    intervals("pool", intervals, y.rows());
    if (y.rows() > 0 && y.cols() > 0) {
      long tiles = Math.ceilDiv(y.cols(), WARP * grids.share());
      launcher
          .launch(launcher.function(FILE, "pool_rows"), y.rows(), tiles, 1, Grids.THREADS)
          .arg(y.data())
          .arg(y.stride())
          .arg(x.data())
          .arg(x.stride())
          .arg(x.rows())
          .arg(intervals.start())
          .arg(intervals.end())
          .arg(y.cols())
          .run();
    }
  }

  void poolBackward(Matrix dx, Matrix dy, Intervals intervals, boolean accumulate) {
    Contract.matrix("poolBackward", "dx", dx, real);
    Contract.matrix("poolBackward", "dy", dy, real, dy.rows(), dx.cols());
    intervals("poolBackward", intervals, dy.rows());
    if (dx.rows() > 0 && dx.cols() > 0) {
      Function function = launcher.function(FILE, "pool_rows_backward");
      grids
          .overRows(function, dx.rows(), dx.cols(), grids.share())
          .arg(dx.data())
          .arg(dx.stride())
          .arg(dy.data())
          .arg(dy.stride())
          .arg(intervals.start())
          .arg(intervals.end())
          .arg(dy.rows())
          .arg(dx.cols())
          .arg(accumulate ? 1 : 0)
          .run();
    }
  }

  private static void intervals(String operation, Intervals intervals, long count) {
    Contract.i32(operation, "start", intervals.start(), count);
    Contract.i32(operation, "end", intervals.end(), count);
  }
}
