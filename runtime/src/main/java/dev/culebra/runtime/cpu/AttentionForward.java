package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * One forward attention; a task is a tile of queries and a head.
 *
 * <p>For every block of keys: scores S = scale Q K^T of the whole tile, then row by row within its
 * interval the running maximum m, P = exp(S - m), the running sum l, and out = out exp(m' - m) + P
 * V. At the end out /= l, and log-sum-exp = m + log l. P is 0 outside the interval, so a product
 * with keys that a row does not see adds nothing to it, as long as all values are finite.
 */
final class AttentionForward implements CpuPool.Task {

  /** Queries per tile. */
  static final int TILE = 64;

  /** Keys per block. */
  static final int BLOCK = 512;

  private final AttentionTiles tiles;
  private final CpuPool pool;
  private final int heads;
  private final int headsPerKey;
  private final long headSize;
  private final float scale;
  private final long queries;
  private final Matrix out;
  private final Matrix q;
  private final Matrix k;
  private final Matrix v;
  private final MemorySegment outData;
  private final MemorySegment qData;
  private final MemorySegment kData;
  private final MemorySegment vData;
  private final MemorySegment logSumExp;
  private final MemorySegment start;
  private final MemorySegment end;

  AttentionForward(
      Attention attention,
      AttentionTiles tiles,
      CpuPool pool,
      Matrix out,
      Buffer logSumExp,
      Matrix q,
      Matrix k,
      Matrix v,
      Intervals intervals) {
    this.tiles = tiles;
    this.pool = pool;
    heads = attention.heads();
    headsPerKey = attention.heads() / attention.kvHeads();
    headSize = attention.headSize();
    scale = attention.scale();
    queries = attention.queries();
    this.out = out;
    this.q = q;
    this.k = k;
    this.v = v;
    outData = out.data().memory();
    qData = q.data().memory();
    kData = k.data().memory();
    vData = v.data().memory();
    this.logSumExp = logSumExp.memory();
    start = intervals.start().memory();
    end = intervals.end().memory();
  }

  @Override
  public void run(long task, int thread) {
    int tile = Math.toIntExact(task / heads);
    long head = task % heads;
    int row = tiles.tileStart(tile);
    int rows = tiles.tileStart(tile + 1) - row;
    int firstKey = start.getAtIndex(ValueLayout.JAVA_INT, row);
    int lastKey = end.getAtIndex(ValueLayout.JAVA_INT, row + rows - 1L);
    long stride = Math.min(BLOCK, Math.max(1, lastKey - firstKey));
    MemorySegment scratch = pool.scratch(thread, (2 * TILE + rows * stride) * Float.BYTES);
    MemorySegment max = scratch.asSlice(0, TILE * Float.BYTES);
    MemorySegment sum = scratch.asSlice(TILE * Float.BYTES, TILE * Float.BYTES);
    MemorySegment scores = scratch.asSlice(2 * TILE * Float.BYTES);
    for (int i = 0; i < rows; i++) {
      Floats.set(max, i, Float.NEGATIVE_INFINITY);
      Floats.set(sum, i, 0);
    }
    long column = head * headSize;
    long keyColumn = head / headsPerKey * headSize;
    MemorySegment result = from(outData, row * out.stride() + column);
    for (long key = firstKey; key < lastKey; key += BLOCK) {
      long keys = Math.min(BLOCK, lastKey - key);
      Blas.gemm(
          false,
          true,
          rows,
          keys,
          headSize,
          scale,
          from(qData, row * q.stride() + column),
          q.stride(),
          from(kData, key * k.stride() + keyColumn),
          k.stride(),
          0,
          scores,
          stride);
      for (int i = 0; i < rows; i++) {
        long low =
            Math.clamp(start.getAtIndex(ValueLayout.JAVA_INT, row + (long) i) - key, 0, keys);
        long high = Math.clamp(end.getAtIndex(ValueLayout.JAVA_INT, row + (long) i) - key, 0, keys);
        float shrink = exponentials(scores, i * stride, low, high, keys, max, sum, i);
        if (key > firstKey && shrink != 1) {
          multiply(result, i * out.stride(), headSize, shrink);
        }
      }
      Blas.gemm(
          false,
          false,
          rows,
          headSize,
          keys,
          1,
          scores,
          stride,
          from(vData, key * v.stride() + keyColumn),
          v.stride(),
          key == firstKey ? 0 : 1,
          result,
          out.stride());
    }
    for (int i = 0; i < rows; i++) {
      float total = Floats.get(sum, i);
      boolean empty =
          start.getAtIndex(ValueLayout.JAVA_INT, row + (long) i)
              == end.getAtIndex(ValueLayout.JAVA_INT, row + (long) i);
      if (empty) {
        result.asSlice(i * out.stride() * Float.BYTES, headSize * Float.BYTES).fill((byte) 0);
      } else {
        multiply(result, i * out.stride(), headSize, 1 / total);
      }
      float lse = empty ? Float.POSITIVE_INFINITY : (float) (Floats.get(max, i) + Math.log(total));
      Floats.set(logSumExp, head * queries + row + i, lse);
    }
  }

  private static MemorySegment from(MemorySegment memory, long offset) {
    return memory.asSlice(offset * Float.BYTES);
  }

  /**
   * Replaces a row of scores by exponentials, with 0 outside {@code low} to {@code high}, and
   * updates its maximum and sum.
   *
   * @return by what to multiply everything that was summed before
   */
  private static float exponentials(
      MemorySegment scores,
      long at,
      long low,
      long high,
      long keys,
      MemorySegment max,
      MemorySegment sum,
      long i) {
    if (low >= high) {
      zero(scores, at, keys);
      return 1;
    }
    float before = Floats.get(max, i);
    float now = Math.max(before, max(scores, at + low, at + high));
    float shrink = before == now ? 1 : Floats.exp(before - now);
    zero(scores, at, low);
    float total = exponentials(scores, at + low, at + high, now);
    zero(scores, at + high, keys - high);
    Floats.set(max, i, now);
    Floats.set(sum, i, Floats.get(sum, i) * shrink + total);
    return shrink;
  }

  private static void zero(MemorySegment x, long at, long count) {
    x.asSlice(at * Float.BYTES, count * Float.BYTES).fill((byte) 0);
  }

  private static float max(MemorySegment x, long from, long to) {
    FloatVector max = Floats.broadcast(Float.NEGATIVE_INFINITY);
    long i = from;
    for (; i <= to - Floats.LANES; i += Floats.LANES) {
      max = max.max(Floats.load(x, i));
    }
    if (i < to) {
      VectorMask<Float> mask = Floats.tail(i, to);
      max = max.lanewise(VectorOperators.MAX, Floats.load(x, i, mask), mask);
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  /** x = exp(x - max); returns the sum. */
  private static float exponentials(MemorySegment x, long from, long to, float max) {
    FloatVector sum = Floats.zero();
    long i = from;
    for (; i <= to - Floats.LANES; i += Floats.LANES) {
      FloatVector e = Floats.exp(Floats.load(x, i).sub(max));
      Floats.store(e, x, i);
      sum = sum.add(e);
    }
    if (i < to) {
      VectorMask<Float> mask = Floats.tail(i, to);
      FloatVector e = Floats.exp(Floats.load(x, i, mask).sub(max));
      Floats.store(e, x, i, mask);
      sum = sum.add(e, mask);
    }
    return Floats.sum(sum);
  }

  private static void multiply(MemorySegment x, long at, long count, float factor) {
    long i = at;
    long end = at + count;
    for (; i <= end - Floats.LANES; i += Floats.LANES) {
      Floats.store(Floats.load(x, i).mul(factor), x, i);
    }
    if (i < end) {
      VectorMask<Float> mask = Floats.tail(i, end);
      Floats.store(Floats.load(x, i, mask).mul(factor), x, i, mask);
    }
  }
}
