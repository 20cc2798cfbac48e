package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Matrix;

/**
 * Cross entropy, a block per row, which stays in shared memory as far as it fits. A target that is
 * no class, which nobody checks here, makes its row's loss and gradient NaN.
 */
final class CudaCrossEntropy {

  private static final String NAME = "crossEntropy";

  /** The most threads of a row. */
  static final int MAX_THREADS = 512;

  /** Vectors of 16 bytes beside the kernel's own shared memory within 99 KiB. */
  static final int CACHED_VECTORS = ((99 << 10) - 256) / 16;

  private final Launcher launcher;
  private final Grids grids;

  CudaCrossEntropy(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
  }

  void crossEntropy(CrossEntropy options, Buffer loss, Matrix logits, Buffer target, Buffer scale) {
    Contract.matrix(NAME, "logits", logits, launcher.computeType());
    Contract.f32(NAME, "loss", loss, logits.rows());
    Contract.i32(NAME, "target", target, logits.rows());
    if (scale != null) {
      Contract.f32(NAME, "scale", scale, 1);
    }
    if (logits.rows() == 0) {
      return;
    }
    int cols = Math.toIntExact(logits.cols());
    int vectors = Math.ceilDiv(cols, grids.share());
    int cached = scale == null ? 0 : Math.min(CACHED_VECTORS, vectors);
    launcher
        .launch(
            launcher.function("cross_entropy.cu", "cross_entropy"),
            logits.rows(),
            Grids.threads(vectors, MAX_THREADS))
        .shared(16L * cached)
        .arg(loss)
        .arg(logits.data())
        .arg(logits.stride())
        .arg(target)
        .arg(scale)
        .arg(cols)
        .arg(cached)
        .arg(options.labelSmoothing())
        .arg(options.zLoss())
        .run();
  }
}
