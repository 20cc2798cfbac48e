package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;

/** Sums over rows in two stages: of blocks of rows, and of these sums in their order. */
final class PartialSums {

  private static final long MIN_BLOCK_ROWS = 64;
  private static final long MAX_BLOCKS = 512;

  private static final int WARP = 32;
  private static final int THREADS = 256;

  private final Launcher launcher;
  private final Grids grids;

  PartialSums(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
  }

  /** Rows of a block: by a rule that knows nothing but their number. */
  static long blockRows(long rows) {
    return Math.max(MIN_BLOCK_ROWS, Math.ceilDiv(rows, MAX_BLOCKS));
  }

  /** A launch of a first stage: tiles of 32 x SHARE columns x blocks of rows. */
  Launch launch(Function function, long cols, long blocks) {
    return launcher.launch(function, Math.ceilDiv(cols, WARP * grids.share()), blocks, 1, THREADS);
  }

  /** sum += the partial sums of all blocks; those of block b start at {@code b * stride}. */
  void add(Buffer sum, Buffer partials, long stride, long blocks) {
    launcher
        .launch(
            launcher.function("columns.cu", "add_partials"),
            Math.ceilDiv(sum.length(), WARP),
            THREADS)
        .arg(sum)
        .arg(partials)
        .arg(stride)
        .arg(blocks)
        .arg(sum.length())
        .run();
  }
}
