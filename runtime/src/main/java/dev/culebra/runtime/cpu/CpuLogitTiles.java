package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Workspace;
import dev.culebra.runtime.kernel.LogitTiles;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Negatives;
import java.lang.foreign.MemorySegment;

/**
 * Tiles of contrastive logits on the CPU: rows in parallel, and columns in parallel where sums run
 * over them. What lies behind the columns of a tile, up to whole vectors, is masked, so that no
 * loop has a tail.
 */
final class CpuLogitTiles implements LogitTiles {

  /** Stays in the cache of one core or two. */
  private static final long TILE_BYTES = 1 << 20;

  /** Columns of a task that sums over rows: their maxima and sums stay in the first cache. */
  private static final long TASK_COLUMNS = 256;

  private final CpuPool pool;
  private final Workspace workspace;
  private final ScoreMask mask;

  CpuLogitTiles(CpuPool pool, Workspace workspace) {
    this.pool = pool;
    this.workspace = workspace;
    this.mask = new ScoreMask(pool);
  }

  @Override
  public long mostBytes() {
    return TILE_BYTES;
  }

  @Override
  public Buffer scratch(String name, DType type, long length) {
    return workspace.allocate(name, type, length);
  }

  @Override
  public void prepare(
      String operation, Negatives negatives, Buffer limit, long queries, long keys) {
    mask.check(operation, negatives, queries, keys);
    if (limit != null) {
      mask.limits(negatives.guide(), limit);
    }
  }

  @Override
  public void mask(Tile tile, Negatives negatives, Matrix guide, Buffer limit) {
    mask.apply(tile, negatives, guide, limit);
  }

  @Override
  public void observe(Tile tile, Buffer logScale, Buffer positive, LogSums rows, LogSums columns) {
    float factor = exp(logScale);
    View z = View.of(tile.scores());
    MemorySegment diagonal = positive.memory();
    MemorySegment max = rows.max().memory();
    MemorySegment sum = rows.sum().memory();
    long cols = vectors(tile.scores().cols());
    rows(
        tile,
        (i, _) -> {
          long at = z.at(i, 0);
          long row = tile.row() + i;
          LogitMath.addRow(z.data(), at, at + cols, factor, max, sum, row);
          long j = row - tile.col();
          if (j >= 0 && j < tile.scores().cols()) {
            Floats.set(diagonal, row, factor * Floats.get(z.data(), at + j));
          }
        });
    if (columns != null) {
      observeColumns(tile, factor, columns, positive.length());
    }
  }

  private void observeColumns(Tile tile, float factor, LogSums columns, long queries) {
    View z = View.of(tile.columnScores());
    MemorySegment max = columns.max().memory();
    MemorySegment sum = columns.sum().memory();
    pool.rows(
        vectors(tile.positives(queries)),
        TASK_COLUMNS,
        (from, to, thread) ->
            LogitMath.addColumns(
                z,
                tile.scores().rows(),
                from,
                to - from,
                factor,
                max,
                sum,
                tile.col() + from,
                pool.scratch(thread, TASK_COLUMNS * Float.BYTES)));
  }

  @Override
  public void finish(Buffer loss, Buffer positive, LogSums rows, LogSums columns) {
    long queries = positive.length();
    for (long i = 0; i < queries; i++) {
      double value = lse(rows, i);
      if (columns != null) {
        value = (value + lse(columns, i)) / 2;
      }
      Floats.set(loss.memory(), i, (float) (value - Floats.get(positive.memory(), i)));
    }
    if (columns != null) {
      // Keys behind the last positive look for nothing: exp(-infinity) is 0.
      for (long i = queries; i < columns.max().length(); i++) {
        Floats.set(columns.max().memory(), i, Float.POSITIVE_INFINITY);
      }
    }
  }

  private static double lse(LogSums sums, long i) {
    MemorySegment max = sums.max().memory();
    double lse = Floats.get(max, i) + Math.log(Floats.get(sums.sum().memory(), i));
    Floats.set(max, i, (float) lse);
    return lse;
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
    float factor = exp(logScale);
    float outer = Floats.get(scale.memory(), 0) * factor;
    float share = columnLse == null ? 1 : 0.5f;
    View z = View.of(tile.scores());
    View c = View.of(tile.columnScores());
    View target = View.of(w);
    long cols = vectors(tile.scores().cols());
    long positives = columnLse == null ? 0 : vectors(tile.positives(slope.length()));
    rows(
        tile,
        (i, thread) -> {
          long row = tile.row() + i;
          MemorySegment p = pool.scratch(thread, cols * Float.BYTES);
          LogitMath.probabilities(
              p, z.data(), z.at(i, 0), cols, factor, Floats.get(rowLse.memory(), row), share);
          if (positives > 0) {
            LogitMath.addColumnProbabilities(
                p, c.data(), c.at(i, 0), positives, factor, columnLse.memory(), tile.col(), share);
          }
          long j = row - tile.col();
          if (j >= 0 && j < tile.scores().cols()) {
            Floats.set(p, j, Floats.get(p, j) - 1);
          }
          float sum =
              LogitMath.gradient(
                  target.data(), target.at(i, 0), p, z.data(), c.data(), z.at(i, 0), cols, outer);
          add(slope, row, factor * sum);
        });
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
    float factor = exp(logScale);
    float shift = Floats.get(bias.memory(), 0);
    float outer = w == null ? 0 : Floats.get(scale.memory(), 0) * factor;
    View z = View.of(tile.scores());
    View target = w == null ? null : View.of(w);
    long cols = vectors(tile.scores().cols());
    rows(
        tile,
        (i, thread) -> {
          long at = z.at(i, 0);
          long row = tile.row() + i;
          long diagonal = row - tile.col();
          boolean positive = diagonal >= 0 && diagonal < tile.scores().cols();
          float own = positive ? Floats.get(z.data(), at + diagonal) : 0;
          if (positive) {
            Floats.set(z.data(), at + diagonal, Float.NEGATIVE_INFINITY);
          }
          MemorySegment e = pool.scratch(thread, cols * Float.BYTES);
          double sum = SigmoidMath.losses(e, z.data(), at, cols, factor, shift);
          double logit = (double) factor * own + shift;
          add(loss, row, (float) (sum + (positive ? SigmoidMath.softplus(-logit) : 0)));
          if (w == null) {
            return;
          }
          float biasSum = SigmoidMath.slopes(e, z.data(), at, cols, factor, shift);
          if (positive) {
            float slopeOfOwn = (float) -SigmoidMath.sigmoid(-logit);
            Floats.set(z.data(), at + diagonal, own);
            Floats.set(e, diagonal, slopeOfOwn);
            biasSum += slopeOfOwn;
          }
          float scoreSum =
              LogitMath.gradient(
                  target.data(), target.at(i, 0), e, z.data(), z.data(), at, cols, outer);
          add(biasSlope, row, biasSum);
          add(slope, row, factor * scoreSum);
        });
  }

  private interface RowTask {
    void run(long row, int thread);
  }

  /** The rows of a tile, some at a time. */
  private void rows(Tile tile, RowTask task) {
    pool.rows(
        tile.scores().rows(),
        Grain.rows(tile.scores().cols()),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            task.run(i, thread);
          }
        });
  }

  /** {@code count} rounded up to whole vectors, which rows of tiles have room for. */
  private static long vectors(long count) {
    return Math.ceilDiv(count, Floats.LANES) * Floats.LANES;
  }

  private static float exp(Buffer logScale) {
    return (float) Math.exp(Floats.get(logScale.memory(), 0));
  }

  private static void add(Buffer sum, long i, float value) {
    Floats.set(sum.memory(), i, Floats.get(sum.memory(), i) + value);
  }
}
