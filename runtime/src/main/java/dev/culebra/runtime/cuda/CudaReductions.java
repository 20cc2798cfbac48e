package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;

/** Sums over whole buffers: of fixed blocks, whose results are added in their order. */
final class CudaReductions {

  private static final String FILE = "reductions.cu";

  /** Values of a block of the first stage. */
  private static final int BLOCK_VALUES = 16_384;

  private static final int THREADS = 256;

  /** Threads of the only block of the second stage. */
  static final int LAST_THREADS = 1024;

  private final Launcher launcher;
  private final Grids grids;

  CudaReductions(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
  }

  void addSum(Buffer result, Buffer x, Buffer scale) {
    Contract.f32("addSum", "result", result, 1);
    Contract.f32("addSum", "x", x);
    if (scale != null) {
      Contract.f32("addSum", "scale", scale, 1);
    }
    addTotal(result, x, "partial_sums", scale);
  }

  void countNonFinite(Buffer count, Buffer x) {
    Contract.f32("countNonFinite", "count", count, 1);
    grids.floats("countNonFinite", "x", x);
    addTotal(count, x, grids.variant("partial_non_finite", x), null);
  }

  private void addTotal(Buffer result, Buffer x, String terms, Buffer scale) {
    if (x.length() > 0) {
      Buffer partials = partials(x, terms);
      last("add_total").arg(result).arg(partials).arg(partials.length()).arg(scale).run();
      partials.release();
    }
  }

  /** norm[0] = the l2 norm of x, which has values; both F32. */
  void norm(Buffer norm, Buffer x) {
    Buffer partials = partials(x, "partial_squares");
    last("root_of_total").arg(norm).arg(partials).arg(partials.length()).run();
    partials.release();
  }

  /** norm[0] = the l2 norm of x, scale[0] = what limits it to maxNorm; all F32. */
  void clip(Buffer norm, Buffer scale, Buffer x, float maxNorm) {
    Buffer partials = partials(x, "partial_squares");
    last("clip_by_total")
        .arg(norm)
        .arg(scale)
        .arg(partials)
        .arg(partials.length())
        .arg(maxNorm)
        .run();
    partials.release();
  }

  /** The first stage's results, for the caller to release. */
  private Buffer partials(Buffer x, String terms) {
    long blocks = Math.ceilDiv(x.length(), BLOCK_VALUES);
    Buffer partials = launcher.scratch("partial sums", DType.F32, blocks);
    if (blocks > 0) {
      launcher
          .launch(launcher.function(FILE, terms), blocks, THREADS)
          .arg(partials)
          .arg(x)
          .arg(x.length())
          .run();
    }
    return partials;
  }

  private Launch last(String kernel) {
    return launcher.launch(launcher.function(FILE, kernel), 1, LAST_THREADS);
  }
}
