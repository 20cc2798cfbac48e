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
 * One backward attention; a task is a group of rows and a key head, and runs over the query heads
 * that share it, tiles of queries and blocks of keys in order.
 *
 * <p>For every tile and block, with D = row sum of dout * out:
 *
 * <pre>
 *   P  = exp(scale Q K^T - lse)      0 outside the row's interval
 *   dV += P^T dout
 *   dS = scale P (dout V^T - D)
 *   dQ += dS K
 *   dK += dS^T Q</pre>
 */
final class AttentionBackward implements CpuPool.Task {

  private final AttentionTiles tiles;
  private final CpuPool pool;
  private final int kvHeads;
  private final int headsPerKey;
  private final long headSize;
  private final float scale;
  private final long queries;
  private final Matrix dq;
  private final Matrix dk;
  private final Matrix dv;
  private final Matrix dout;
  private final Matrix q;
  private final Matrix k;
  private final Matrix v;
  private final Matrix out;
  private final MemorySegment dqData;
  private final MemorySegment dkData;
  private final MemorySegment dvData;
  private final MemorySegment doutData;
  private final MemorySegment qData;
  private final MemorySegment kData;
  private final MemorySegment vData;
  private final MemorySegment outData;
  private final MemorySegment logSumExp;
  private final MemorySegment start;
  private final MemorySegment end;

  AttentionBackward(
      Attention attention,
      AttentionTiles tiles,
      CpuPool pool,
      Matrix dq,
      Matrix dk,
      Matrix dv,
      Matrix dout,
      Matrix q,
      Matrix k,
      Matrix v,
      Matrix out,
      Buffer logSumExp,
      Intervals intervals) {
    this.tiles = tiles;
    this.pool = pool;
    kvHeads = attention.kvHeads();
    headsPerKey = attention.heads() / attention.kvHeads();
    headSize = attention.headSize();
    scale = attention.scale();
    queries = attention.queries();
    this.dq = dq;
    this.dk = dk;
    this.dv = dv;
    this.dout = dout;
    this.q = q;
    this.k = k;
    this.v = v;
    this.out = out;
    dqData = dq.data().memory();
    dkData = dk.data().memory();
    dvData = dv.data().memory();
    doutData = dout.data().memory();
    qData = q.data().memory();
    kData = k.data().memory();
    vData = v.data().memory();
    outData = out.data().memory();
    this.logSumExp = logSumExp.memory();
    start = intervals.start().memory();
    end = intervals.end().memory();
  }

  @Override
  public void run(long task, int thread) {
    int group = Math.toIntExact(task / kvHeads);
    long keyHead = task % kvHeads;
    long keyColumn = keyHead * headSize;
    int fromKey = tiles.groupKey(group);
    int toKey = tiles.groupKey(group + 1);
    zero(dkData, dk.stride(), keyColumn, fromKey, toKey);
    zero(dvData, dv.stride(), keyColumn, fromKey, toKey);
    for (long head = keyHead * headsPerKey; head < (keyHead + 1) * headsPerKey; head++) {
      for (int tile = tiles.groupTile(group); tile < tiles.groupTile(group + 1); tile++) {
        tile(tile, head, keyColumn, thread);
      }
    }
  }

  private void tile(int tile, long head, long keyColumn, int thread) {
    int row = tiles.tileStart(tile);
    int rows = tiles.tileStart(tile + 1) - row;
    long column = head * headSize;
    zero(dqData, dq.stride(), column, row, (long) row + rows);
    int firstKey = start.getAtIndex(ValueLayout.JAVA_INT, row);
    int lastKey = end.getAtIndex(ValueLayout.JAVA_INT, row + rows - 1L);
    long stride = Math.min(AttentionForward.BLOCK, Math.max(1, lastKey - firstKey));
    MemorySegment scratch =
        pool.scratch(thread, (AttentionForward.TILE + 2 * rows * stride) * Float.BYTES);
    MemorySegment d = scratch.asSlice(0, AttentionForward.TILE * Float.BYTES);
    MemorySegment p = from(scratch, AttentionForward.TILE);
    MemorySegment ds = from(p, rows * stride);
    MemorySegment dO = from(doutData, row * dout.stride() + column);
    MemorySegment tileQ = from(qData, row * q.stride() + column);
    for (int i = 0; i < rows; i++) {
      long at = (long) (row + i) * out.stride() + column;
      Floats.set(d, i, dot(dO, i * dout.stride(), outData, at, headSize));
    }
    for (long key = firstKey; key < lastKey; key += AttentionForward.BLOCK) {
      long keys = Math.min(AttentionForward.BLOCK, lastKey - key);
      MemorySegment blockK = from(kData, key * k.stride() + keyColumn);
      Blas.gemm(
          false,
          true,
          rows,
          keys,
          headSize,
          scale,
          tileQ,
          q.stride(),
          blockK,
          k.stride(),
          0,
          p,
          stride);
      MemorySegment blockV = from(vData, key * v.stride() + keyColumn);
      Blas.gemm(
          false,
          true,
          rows,
          keys,
          headSize,
          1,
          dO,
          dout.stride(),
          blockV,
          v.stride(),
          0,
          ds,
          stride);
      for (int i = 0; i < rows; i++) {
        long low =
            Math.clamp(start.getAtIndex(ValueLayout.JAVA_INT, row + (long) i) - key, 0, keys);
        long high = Math.clamp(end.getAtIndex(ValueLayout.JAVA_INT, row + (long) i) - key, 0, keys);
        long at = i * stride;
        if (low >= high) {
          low = 0;
          high = 0;
        }
        zero(p, at, low);
        zero(ds, at, low);
        float lse = Floats.get(logSumExp, head * queries + row + i);
        scoreGradients(p, ds, at + low, at + high, lse, Floats.get(d, i), scale);
        zero(p, at + high, keys - high);
        zero(ds, at + high, keys - high);
      }
      Blas.gemm(
          true,
          false,
          keys,
          headSize,
          rows,
          1,
          p,
          stride,
          dO,
          dout.stride(),
          1,
          from(dvData, key * dv.stride() + keyColumn),
          dv.stride());
      Blas.gemm(
          false,
          false,
          rows,
          headSize,
          keys,
          1,
          ds,
          stride,
          blockK,
          k.stride(),
          1,
          from(dqData, row * dq.stride() + column),
          dq.stride());
      Blas.gemm(
          true,
          false,
          keys,
          headSize,
          rows,
          1,
          ds,
          stride,
          tileQ,
          q.stride(),
          1,
          from(dkData, key * dk.stride() + keyColumn),
          dk.stride());
    }
  }

  private static MemorySegment from(MemorySegment memory, long offset) {
    return memory.asSlice(offset * Float.BYTES);
  }

  private void zero(MemorySegment x, long stride, long column, long from, long to) {
    for (long row = from; row < to; row++) {
      zero(x, row * stride + column, headSize);
    }
  }

  private static void zero(MemorySegment x, long at, long count) {
    x.asSlice(at * Float.BYTES, count * Float.BYTES).fill((byte) 0);
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

  /** p = exp(p - lse); ds = scale p (ds - d). */
  private static void scoreGradients(
      MemorySegment p, MemorySegment ds, long from, long to, float lse, float d, float scale) {
    long i = from;
    for (; i <= to - Floats.LANES; i += Floats.LANES) {
      FloatVector e = Floats.exp(Floats.load(p, i).sub(lse));
      Floats.store(e, p, i);
      Floats.store(Floats.load(ds, i).sub(d).mul(e.mul(scale)), ds, i);
    }
    if (i < to) {
      VectorMask<Float> mask = Floats.tail(i, to);
      FloatVector e = Floats.exp(Floats.load(p, i, mask).sub(lse));
      Floats.store(e, p, i, mask);
      Floats.store(Floats.load(ds, i, mask).sub(d).mul(e.mul(scale)), ds, i, mask);
    }
  }
}
