package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import java.util.function.Consumer;

/**
 * Goes over the scores of queries and keys tile by tile, rows of tiles from the first to the last
 * and columns within them, in memory for one tile. If one tile holds all, its scores are computed
 * once, however many sweeps follow; otherwise once in each.
 */
final class ScoreSweep {

  private final Kernels kernels;
  private final LogitTiles device;
  private final Matrix q;
  private final Matrix k;
  private final Negatives negatives;
  private final Buffer limit;
  private final Buffer scores;
  private final Buffer guide;
  private final boolean ownColumns;
  private final long rows;
  private final long cols;
  private final long stride;
  private LogitTiles.Tile only;

  /**
   * A sweep over the pairs of at least one query.
   *
   * @param limit the guide's limits, or null without guide
   * @param bothDirections whether columns are looked at too
   * @param budget bytes of a tile's scores
   */
  ScoreSweep(
      Kernels kernels,
      LogitTiles device,
      Matrix q,
      Matrix k,
      Negatives negatives,
      Buffer limit,
      boolean bothDirections,
      long budget) {
    this.kernels = kernels;
    this.device = device;
    this.q = q;
    this.k = k;
    this.negatives = negatives;
    this.limit = limit;
    this.ownColumns = bothDirections && limit != null;
    long values = Math.min(budget, device.mostBytes()) / Float.BYTES;
    long square = aligned(Math.min(k.rows(), (long) Math.sqrt(values)), values);
    rows = Math.clamp(values / square, 1, q.rows());
    cols = aligned(Math.min(k.rows(), values / rows), values / rows);
    stride = cols;
    scores = device.scratch("scores", DType.F32, rows * stride);
    guide = limit == null ? null : device.scratch("guide", DType.F32, rows * stride);
  }

  /** {@code count} rounded up to the alignment if that stays within {@code most}, else down. */
  private static long aligned(long count, long most) {
    long up = Math.ceilDiv(Math.max(1, count), LogitTiles.ALIGNMENT) * LogitTiles.ALIGNMENT;
    return up <= most ? up : Math.max(LogitTiles.ALIGNMENT, up - LogitTiles.ALIGNMENT);
  }

  /** Rows of a tile; the last ones have fewer. */
  long rows() {
    return rows;
  }

  /** Columns of a tile; the last ones have fewer. */
  long cols() {
    return cols;
  }

  /** Values of the memory of a tile. */
  long values() {
    return rows * stride;
  }

  /** Shows {@code visitor} each tile, which it may overwrite in the last sweep. */
  void run(Consumer<LogitTiles.Tile> visitor) {
    for (long row = 0; row < q.rows(); row += rows) {
      for (long col = 0; col < k.rows(); col += cols) {
        visitor.accept(only == null ? tile(row, col) : only);
      }
    }
  }

  private LogitTiles.Tile tile(long row, long col) {
    long height = Math.min(rows, q.rows() - row);
    long width = Math.min(cols, k.rows() - col);
    Matrix z = product(scores, q, k, row, height, col, width);
    Matrix g = null;
    if (guide != null) {
      Negatives.Guide by = negatives.guide();
      g = product(guide, by.queries(), by.keys(), row, height, col, width);
    }
    LogitTiles.Tile tile = new LogitTiles.Tile(z, ownColumns ? g : z, row, col);
    device.mask(tile, negatives, g, limit);
    if (height == q.rows() && width == k.rows()) {
      only = tile;
    }
    return tile;
  }

  private Matrix product(
      Buffer target, Matrix left, Matrix right, long row, long height, long col, long width) {
    Matrix z = new Matrix(target, height, width, stride, false);
    kernels.matmul(z, left.rows(row, height), right.rows(col, width).t(), Epilogue.STORE);
    return z;
  }

  /** Frees the tile's memory. */
  void release() {
    scores.release();
    if (guide != null) {
      guide.release();
    }
  }
}
