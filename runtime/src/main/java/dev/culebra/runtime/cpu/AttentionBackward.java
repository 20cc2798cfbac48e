package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * One backward attention; a task is a slice of the groups of rows and a key head, and runs, group
 * by group, over blocks of keys, the query heads that share them, and a few rows at a time, in
 * order.
 *
 * <p>For every block and rows, with D = row sum of dout * out:
 *
 * <pre>
 *   P  = exp(scale Q K^T - lse)      0 outside the row's interval
 *   dV += P^T dout
 *   dS = P (dout V^T - D)
 *   dQ += scale dS K
 *   dK += scale dS^T Q</pre>
 *
 * <p>The bias's gradient is the sum of the dS of a distance. Dropout multiplies dout V^T by its
 * mask and, before dV, P.
 *
 * <p>Rows are copied to and from dense ones: the rows of a head lie far apart, and OpenBLAS would
 * wait for each of them. The scale is put into the copy of Q.
 */
final class AttentionBackward implements CpuPool.Task {

  private final AttentionTiles tiles;
  private final int slices;
  private final CpuPool pool;
  private final BiasGradient biasGradient;
  private final ScoreOptions options;
  private final int kvHeads;
  private final int headsPerKey;
  private final long headSize;
  private final float scale;
  private final long queries;
  private final View dq;
  private final View dk;
  private final View dv;
  private final View dout;
  private final View q;
  private final View k;
  private final View v;
  private final View out;
  private final MemorySegment logSumExp;
  private final MemorySegment start;
  private final MemorySegment end;

  AttentionBackward(
      Attention attention,
      AttentionTiles tiles,
      int slices,
      CpuPool pool,
      Matrix dq,
      Matrix dk,
      Matrix dv,
      BiasGradient biasGradient,
      Matrix dout,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix out,
      Buffer logSumExp,
      Intervals intervals,
      ScoreOptions options) {
    this.tiles = tiles;
    this.slices = slices;
    this.biasGradient = biasGradient;
    this.options = options;
    this.pool = pool;
    kvHeads = attention.kvHeads();
    headsPerKey = attention.heads() / attention.kvHeads();
    headSize = attention.headSize();
    scale = attention.scale();
    queries = attention.queries();
    this.dq = View.of(dq);
    this.dk = View.of(dk);
    this.dv = View.of(dv);
    this.dout = View.of(dout);
    this.q = View.of(q);
    this.k = View.of(k);
    this.v = View.of(v);
    this.out = View.of(out);
    this.logSumExp = logSumExp.memory();
    start = intervals.start().memory();
    end = intervals.end().memory();
  }

  @Override
  public void run(long task, int thread) {
    int slice = Math.toIntExact(task / kvHeads);
    int last = firstGroup(slice + 1);
    for (int group = firstGroup(slice); group < last; group++) {
      long top = tiles.tileStart(tiles.groupTile(group));
      long bottom = tiles.tileStart(tiles.groupTile(group + 1));
      new Group(slice, top, bottom, task % kvHeads, thread)
          .run(tiles.groupKey(group), tiles.groupKey(group + 1));
    }
  }

  private int firstGroup(int slice) {
    return Math.toIntExact((long) slice * tiles.groups() / slices);
  }

  private int start(long row) {
    return start.getAtIndex(ValueLayout.JAVA_INT, row);
  }

  private int end(long row) {
    return end.getAtIndex(ValueLayout.JAVA_INT, row);
  }

  /** Rows {@code top} to {@code bottom} of the heads that share a key head. */
  private final class Group {
    private final int slice;
    private final long top;
    private final long bottom;
    private final long firstHead;
    private final long keyColumn;
    private final KeyBlock blockK;
    private final KeyBlock blockV;
    private final MemorySegment denseQ;
    private final MemorySegment denseGradient;
    private final MemorySegment d;
    private final MemorySegment p;
    private final MemorySegment ds;
    private final MemorySegment sumK;
    private final MemorySegment sumV;

    Group(int slice, long top, long bottom, long keyHead, int thread) {
      this.slice = slice;
      this.top = top;
      this.bottom = bottom;
      firstHead = keyHead * headsPerKey;
      keyColumn = keyHead * headSize;
      Scratch scratch = new Scratch(pool, thread);
      long block = KeyBlock.floats(headSize);
      long keys = KeyBlock.KEYS * headSize;
      long few = KeyBlock.ROWS * headSize;
      scratch.reserve(
          block, block, few, few, KeyBlock.ROWS, KeyBlock.SCORES, KeyBlock.SCORES, keys, keys);
      blockK = new KeyBlock(k, headSize, bottom - top, scratch.next(block));
      blockV = new KeyBlock(v, headSize, bottom - top, scratch.next(block));
      denseQ = scratch.next(few);
      denseGradient = scratch.next(few);
      d = scratch.next(KeyBlock.ROWS);
      p = scratch.next(KeyBlock.SCORES);
      ds = scratch.next(KeyBlock.SCORES);
      sumK = scratch.next(keys);
      sumV = scratch.next(keys);
    }

    void run(long fromKey, long toKey) {
      for (long row = top; row < bottom; row += KeyBlock.ROWS) {
        long to = Math.min(bottom, row + KeyBlock.ROWS);
        if (start(row) >= end(to - 1)) {
          dq.zero(row, to, firstHead * headSize, headsPerKey * headSize);
        }
      }
      for (long key = fromKey; key < toKey; key += KeyBlock.KEYS) {
        long keys = Math.min(KeyBlock.KEYS, toKey - key);
        sumK.fill((byte) 0);
        sumV.fill((byte) 0);
        blockK.hold(key, keys, keyColumn);
        blockV.hold(key, keys, keyColumn);
        for (long head = firstHead; head < firstHead + headsPerKey; head++) {
          for (long row = top; row < bottom; row += KeyBlock.ROWS) {
            rows(head, row, Math.min(bottom, row + KeyBlock.ROWS), key, keys);
          }
        }
        dk.write(key, key + keys, keyColumn, headSize, sumK);
        dv.write(key, key + keys, keyColumn, headSize, sumV);
      }
    }

    private void rows(long head, long from, long to, long key, long keys) {
      long low = Math.max(0, start(from) - key) & -Floats.LANES;
      long high = Math.min(keys, end(to - 1) - key);
      if (low >= high) {
        return;
      }
      long column = head * headSize;
      long rows = to - from;
      long count = high - low;
      q.read(from, to, column, headSize, scale, denseQ);
      dout.read(from, to, column, headSize, 1, denseGradient);
      dots(denseGradient, out.data(), out.at(from, column), out.stride(), rows, headSize, d);
      blockK.multiply(rows, denseQ, low, high, p);
      blockV.multiply(rows, denseGradient, low, high, ds);
      for (long row = from; row < to; row++) {
        long seen = Math.clamp(start(row) - key, low, high) - low;
        long unseen = Math.max(seen, Math.clamp(end(row) - key, low, high) - low);
        long at = (row - from) * KeyBlock.STRIDE;
        long width = KeyBlock.width(count);
        options.addBias(p, at + seen, head, row, key + low + seen, unseen - seen);
        options.drop(ds, at + seen, head, row, key + low + seen, unseen - seen);
        KeyBlock.hide(p, at, seen, unseen, width);
        float lse = Floats.get(logSumExp, head * queries + row);
        scoreGradients(p, ds, at, at + width, lse, Floats.get(d, row - from));
        options.drop(p, at + seen, head, row, key + low + seen, unseen - seen);
        if (biasGradient != null) {
          biasGradient.add(slice, head, row, key + low + seen, ds, at + seen, unseen - seen);
        }
      }
      transposeAndAdd(sumV, low, count, p, denseGradient, rows);
      transposeAndAdd(sumK, low, count, ds, denseQ, rows);
      boolean first = start(from) >= key;
      Blas.gemm(
          false,
          false,
          rows,
          headSize,
          count,
          scale,
          ds,
          KeyBlock.STRIDE,
          k.from(key + low, keyColumn),
          k.stride(),
          first ? 0 : 1,
          dq.from(from, column),
          dq.stride());
    }

    /** sum += scores^T x, for {@code count} keys of the block from {@code low} on. */
    private void transposeAndAdd(
        MemorySegment sum, long low, long count, MemorySegment scores, MemorySegment x, long rows) {
      Blas.gemm(
          true,
          false,
          count,
          headSize,
          rows,
          1,
          scores,
          KeyBlock.STRIDE,
          x,
          headSize,
          1,
          sum.asSlice(low * headSize * Float.BYTES),
          headSize);
    }
  }

  /** d[i] = sum of x[i, j] y[i, j], with dense rows of x. */
  private static void dots(
      MemorySegment x,
      MemorySegment y,
      long at,
      long stride,
      long rows,
      long cols,
      MemorySegment d) {
    for (long row = 0; row < rows; row++) {
      Floats.set(d, row, dot(x, row * cols, y, at + row * stride, cols));
    }
  }

  private static float dot(MemorySegment x, long xAt, MemorySegment y, long yAt, long count) {
    FloatVector sum = Floats.zero();
    long i = 0;
    for (; i <= count - Floats.LANES; i += Floats.LANES) {
      sum = Floats.load(x, xAt + i).fma(Floats.load(y, yAt + i), sum);
    }
    if (i < count) {
      VectorMask<Float> mask = Floats.tail(i, count);
      sum = Floats.load(x, xAt + i, mask).fma(Floats.load(y, yAt + i, mask), sum);
    }
    return Floats.sum(sum);
  }

  /** p = exp(p - lse); ds = p (ds - d), on full vectors. */
  private static void scoreGradients(
      MemorySegment p, MemorySegment ds, long from, long to, float lse, float d) {
    FloatVector shift = Floats.broadcast(lse);
    FloatVector mean = Floats.broadcast(d);
    for (long i = from; i < to; i += Floats.LANES) {
      FloatVector e = Floats.expBelow88(Floats.load(p, i).sub(shift));
      Floats.store(e, p, i);
      Floats.store(Floats.load(ds, i).sub(mean).mul(e), ds, i);
    }
  }
}
