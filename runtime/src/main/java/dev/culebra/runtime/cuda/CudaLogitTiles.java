package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.LogitTiles;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Negatives;

/**
 * Tiles of contrastive logits on a CUDA device, a block per row, or per 32 columns where sums run
 * over rows. Groups and exceptions are in device memory and nobody checks them: columns that are
 * not sorted may be overlooked.
 */
final class CudaLogitTiles implements LogitTiles {

  private static final String FILE = "contrast.cu";
  private static final String MASK = "contrast_mask.cu";
  private static final String SIGMOID = "contrast_sigmoid.cu";

  /** What a second cache of 40 to 50 MB keeps from the product to the kernel that reads it. */
  private static final long TILE_BYTES = 32L << 20;

  /** Threads of a block of columns. */
  static final int COLUMN_THREADS = 512;

  /** Threads of a block that finds limits, and the queries that it finds them for. */
  private static final int LIMIT_THREADS = 128;

  private static final int LIMIT_ROWS = 4;
  private static final int WARP = 32;

  private final Launcher launcher;
  private final Grids grids;

  CudaLogitTiles(Launcher launcher) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
  }

  @Override
  public long mostBytes() {
    return TILE_BYTES;
  }

  @Override
  public Buffer scratch(String name, DType type, long length) {
    return launcher.scratch(name, type, length);
  }

  @Override
  public void prepare(
      String operation, Negatives negatives, Buffer limit, long queries, long keys) {
    if (limit == null) {
      return;
    }
    Negatives.Guide guide = negatives.guide();
    launcher
        .launch(
            launcher.function(MASK, "guide_limits"),
            Math.ceilDiv(queries, LIMIT_ROWS),
            LIMIT_THREADS)
        .arg(limit)
        .arg(guide.queries().data())
        .arg(guide.queries().stride())
        .arg(guide.keys().data())
        .arg(guide.keys().stride())
        .arg(queries)
        .arg(guide.queries().cols())
        .arg(guide.margin())
        .arg(guide.relative() ? 1 : 0)
        .run();
  }

  @Override
  public void mask(Tile tile, Negatives negatives, Matrix guide, Buffer limit) {
    if (negatives.all()) {
      return;
    }
    Negatives.Groups groups = negatives.groups();
    Negatives.Exceptions exceptions = negatives.exceptions();
    Matrix scores = tile.scores();
    overRows(MASK, "contrast_mask", tile)
        .arg(scores.data())
        .arg(guide == null ? null : guide.data())
        .arg(scores.stride())
        .arg(scores.cols())
        .arg(tile.row())
        .arg(tile.col())
        .arg(limit == null ? 0L : limit.length())
        .arg(groups == null ? null : groups.queries())
        .arg(groups == null ? null : groups.keys())
        .arg(exceptions == null ? null : exceptions.rowStart())
        .arg(exceptions == null ? null : exceptions.column())
        .arg(exceptions == null ? 0L : exceptions.column().length())
        .arg(limit)
        .arg(tile.columnScores() == scores ? 0 : 1)
        .run();
  }

  @Override
  public void observe(Tile tile, Buffer logScale, Buffer positive, LogSums rows, LogSums columns) {
    Matrix scores = tile.scores();
    overRows(FILE, "contrast_rows", tile)
        .arg(rows.max())
        .arg(rows.sum())
        .arg(positive)
        .arg(scores.data())
        .arg(scores.stride())
        .arg(scores.cols())
        .arg(tile.row())
        .arg(tile.col())
        .arg(logScale)
        .run();
    long positives = tile.positives(positive.length());
    if (columns != null && positives > 0) {
      launcher
          .launch(
              launcher.function(FILE, "contrast_columns"),
              Math.ceilDiv(positives, WARP),
              COLUMN_THREADS)
          .arg(columns.max())
          .arg(columns.sum())
          .arg(tile.columnScores().data())
          .arg(scores.stride())
          .arg(scores.rows())
          .arg(positives)
          .arg(tile.col())
          .arg(logScale)
          .run();
    }
  }

  @Override
  public void finish(Buffer loss, Buffer positive, LogSums rows, LogSums columns) {
    grids
        .overValues(launcher.function(FILE, "contrast_loss"), loss.length(), 1)
        .arg(loss)
        .arg(positive)
        .arg(rows.max())
        .arg(rows.sum())
        .arg(columns == null ? null : columns.max())
        .arg(columns == null ? null : columns.sum())
        .arg(loss.length())
        .run();
  }

  @Override
  public void gradient(
      Matrix w,
      Tile tile,
      Buffer logScale,
      Buffer scale,
      Buffer rowLse,
      Buffer columnLse,
      Buffer slope) {
    Matrix scores = tile.scores();
    overRows(FILE, "contrast_gradient", tile)
        .arg(w.data())
        .arg(scores.data())
        .arg(tile.columnScores().data())
        .arg(scores.stride())
        .arg(scores.cols())
        .arg(tile.row())
        .arg(tile.col())
        .arg(rowLse)
        .arg(columnLse)
        .arg(slope.length())
        .arg(logScale)
        .arg(scale)
        .arg(slope)
        .run();
  }

  @Override
  public void sigmoid(
      Matrix w,
      Tile tile,
      Buffer loss,
      Buffer logScale,
      Buffer bias,
      Buffer scale,
      Buffer slope,
      Buffer biasSlope) {
    Matrix scores = tile.scores();
    overRows(SIGMOID, "contrast_sigmoid", tile)
        .arg(w == null ? null : w.data())
        .arg(scores.data())
        .arg(scores.stride())
        .arg(scores.cols())
        .arg(tile.row())
        .arg(tile.col())
        .arg(logScale)
        .arg(bias)
        .arg(scale)
        .arg(loss)
        .arg(slope)
        .arg(biasSlope)
        .run();
  }

  /** A launch of a block per row of the tile. */
  private Launch overRows(String file, String kernel, Tile tile) {
    return launcher.launch(launcher.function(file, kernel), tile.scores().rows(), Grids.THREADS);
  }
}
