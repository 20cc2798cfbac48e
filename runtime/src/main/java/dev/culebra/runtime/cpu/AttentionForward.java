package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One forward attention; a task is a tile of queries and a head.
 *
 * <p>For every block of keys, and in it for every few rows: scores S = scale Q K^T, then row by row
 * within its interval the running maximum m, P = exp(S - m), the running sum l, and out = out
 * exp(m' - m) + P V. At the end out /= l, and log-sum-exp = m + log l. P is 0 outside the interval,
 * so a product with values that a row does not see adds nothing to it; where not all of these are
 * finite, rows are multiplied one by one with what they see.
 *
 * <p>Queries and sums are copied to and from dense rows: the rows of a head lie far apart, and
 * OpenBLAS would wait for each of them.
 */
final class AttentionForward implements CpuPool.Task {

  /** Queries per tile. */
  static final int TILE = 256;

  private final AttentionTiles tiles;
  private final CpuPool pool;
  private final int heads;
  private final int headsPerKey;
  private final long headSize;
  private final float scale;
  private final long queries;
  private final View out;
  private final View q;
  private final View k;
  private final View v;
  private final MemorySegment logSumExp;
  private final MemorySegment start;
  private final MemorySegment end;
  private final ScoreOptions options;

  AttentionForward(
      Attention attention,
      AttentionTiles tiles,
      CpuPool pool,
      Matrix out,
      Buffer logSumExp,
      Matrix q,
      Matrix k,
      Matrix v,
      Intervals intervals,
      ScoreOptions options) {
    this.tiles = tiles;
    this.pool = pool;
    heads = attention.heads();
    headsPerKey = attention.heads() / attention.kvHeads();
    headSize = attention.headSize();
    scale = attention.scale();
    queries = attention.queries();
    this.out = View.of(out);
    this.q = View.of(q);
    this.k = View.of(k);
    this.v = View.of(v);
    this.logSumExp = logSumExp.memory();
    start = intervals.start().memory();
    end = intervals.end().memory();
    this.options = options;
  }

  @Override
  public void run(long task, int thread) {
    int tile = Math.toIntExact(task / heads);
    long head = task % heads;
    new Tile(tiles.tileStart(tile), tiles.tileStart(tile + 1), head, thread).run();
  }

  private int start(long row) {
    return start.getAtIndex(ValueLayout.JAVA_INT, row);
  }

  private int end(long row) {
    return end.getAtIndex(ValueLayout.JAVA_INT, row);
  }

  /** Rows {@code top} to {@code bottom} of one head, with what is known of them so far. */
  private final class Tile {
    private final long top;
    private final long bottom;
    private final long head;
    private final long column;
    private final long keyColumn;
    private final KeyBlock block;
    private final MemorySegment dense;
    private final MemorySegment scores;
    private final MemorySegment sums;
    private final MemorySegment max;
    private final MemorySegment total;
    private boolean finite;

    Tile(long top, long bottom, long head, int thread) {
      this.top = top;
      this.bottom = bottom;
      this.head = head;
      column = head * headSize;
      keyColumn = head / headsPerKey * headSize;
      Scratch scratch = new Scratch(pool, thread);
      long keys = KeyBlock.floats(headSize);
      long few = KeyBlock.ROWS * headSize;
      long all = (bottom - top) * headSize;
      scratch.reserve(keys, few, KeyBlock.SCORES, all, TILE, TILE);
      block = new KeyBlock(k, headSize, bottom - top, scratch.next(keys));
      dense = scratch.next(few);
      scores = scratch.next(KeyBlock.SCORES);
      sums = scratch.next(all);
      max = scratch.next(TILE);
      total = scratch.next(TILE);
    }

    void run() {
      for (long row = top; row < bottom; row++) {
        Floats.set(max, row - top, Float.NEGATIVE_INFINITY);
        Floats.set(total, row - top, 0);
      }
      long lastKey = end(bottom - 1);
      for (long key = start(top); key < lastKey; key += KeyBlock.KEYS) {
        long keys = Math.min(KeyBlock.KEYS, lastKey - key);
        block.hold(key, keys, keyColumn);
        boolean partial = start(bottom - 1) > key || end(top) < key + keys;
        finite = !partial || v.finite(key, key + keys, keyColumn, headSize);
        for (long row = top; row < bottom; row += KeyBlock.ROWS) {
          rows(row, Math.min(bottom, row + KeyBlock.ROWS), key, keys);
        }
      }
      for (long row = top; row < bottom; row++) {
        finish(row);
      }
    }

    /** Adds a block of keys to rows {@code from} to {@code to}. */
    private void rows(long from, long to, long key, long keys) {
      long low = Math.max(0, start(from) - key) & -Floats.LANES;
      long high = Math.min(keys, end(to - 1) - key);
      if (low >= high) {
        return;
      }
      q.read(from, to, column, headSize, scale, dense);
      block.multiply(to - from, dense, low, high, scores);
      boolean first = start(from) >= key;
      for (long row = from; row < to; row++) {
        long seen = Math.clamp(start(row) - key, low, high) - low;
        long unseen = Math.max(seen, Math.clamp(end(row) - key, low, high) - low);
        long i = row - top;
        long at = (row - from) * KeyBlock.STRIDE;
        options.addBias(scores, at + seen, head, row, key + low + seen, unseen - seen);
        float shrink = exponentials(at, seen, unseen, high - low, i);
        options.drop(scores, at + seen, head, row, key + low + seen, unseen - seen);
        if (shrink != 1 && !first) {
          View.multiply(sums, i * headSize, sums, i * headSize, headSize, shrink);
        }
        if (!finite && seen < unseen) {
          addValues(row, row + 1, at + seen, key + low + seen, unseen - seen, first);
        } else if (!finite && first) {
          sums.asSlice(i * headSize * Float.BYTES, headSize * Float.BYTES).fill((byte) 0);
        }
      }
      if (finite) {
        addValues(from, to, 0, key + low, high - low, first);
      }
    }

    /** Adds, or stores if it is the first, the product of scores and values. */
    private void addValues(long from, long to, long at, long key, long keys, boolean first) {
      Blas.gemm(
          false,
          false,
          to - from,
          headSize,
          keys,
          1,
          scores.asSlice(at * Float.BYTES),
          KeyBlock.STRIDE,
          v.from(key, keyColumn),
          v.stride(),
          first ? 0 : 1,
          sums.asSlice((from - top) * headSize * Float.BYTES),
          headSize);
    }

    /**
     * Replaces a row of scores by exponentials, with 0 outside {@code seen} to {@code unseen}, and
     * updates maximum and sum number {@code i}.
     *
     * @return by what to multiply everything that was summed before
     */
    private float exponentials(long at, long seen, long unseen, long keys, long i) {
      if (seen >= unseen) {
        scores.asSlice(at * Float.BYTES, keys * Float.BYTES).fill((byte) 0);
        return 1;
      }
      long end = at + KeyBlock.width(keys);
      KeyBlock.hide(scores, at, seen, unseen, end - at);
      float before = Floats.get(max, i);
      float now = Math.max(before, Softmax.max(scores, at, end));
      float shrink = before == now ? 1 : Floats.exp(before - now);
      float added = Softmax.exponentials(scores, at, end, now);
      Floats.set(max, i, now);
      Floats.set(total, i, Floats.get(total, i) * shrink + added);
      return shrink;
    }

    private void finish(long row) {
      long i = row - top;
      float sum = Floats.get(total, i);
      boolean empty = start(row) == end(row);
      if (empty) {
        out.zero(row, row + 1, column, headSize);
      } else {
        View.multiply(out.data(), out.at(row, column), sums, i * headSize, headSize, 1 / sum);
      }
      double lse = Floats.get(max, i) + Math.log(sum);
      Floats.set(logSumExp, head * queries + row, empty ? Float.POSITIVE_INFINITY : (float) lse);
    }
  }
}
