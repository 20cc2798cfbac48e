package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;

/** Rotary positions; one outside the table, which nobody checks here, makes its row NaN. */
final class CudaRotary {

  private final Launcher launcher;
  private final Grids grids;

  CudaRotary(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
  }

  void rotary(Matrix x, int headSize, Buffer position, Buffer table, boolean inverse) {
    if (headSize < 2 || headSize % 2 != 0 || x.cols() % headSize != 0) {
      throw Contract.wrong(
          "rotary",
          "head size " + headSize + " must be even and divide the " + x.cols() + " columns");
    }
    Contract.matrix("rotary", "x", x, launcher.computeType());
    Contract.f32("rotary", "table", table);
    if (table.length() % headSize != 0) {
      throw Contract.wrong(
          "rotary", "table must have rows of " + headSize + " values, but it is " + table);
    }
    Contract.i32("rotary", "position", position, x.rows());
    if (x.rows() == 0 || x.cols() == 0) {
      return;
    }
    int heads = Math.toIntExact(x.cols() / headSize);
    long pieces = (long) heads * Math.ceilDiv(headSize / 2, grids.share());
    grids
        .overRows(launcher.function("rotary.cu", "rotary"), x.rows(), pieces, 1)
        .arg(x.data())
        .arg(x.stride())
        .arg(heads)
        .arg(headSize / 2)
        .arg(position)
        .arg(table)
        .arg(table.length() / headSize)
        .arg(inverse ? 1 : 0)
        .run();
  }
}
