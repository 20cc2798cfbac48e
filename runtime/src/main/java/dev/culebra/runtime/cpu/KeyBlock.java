package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * A block of one head's keys (or values), transposed for products of many rows with it.
 *
 * <p>OpenBLAS multiplies small matrices without copying them, but only at half its speed when the
 * right one is transposed. So that is done here, once for all rows that see the block.
 */
final class KeyBlock {

  /** Keys of a block. */
  static final int KEYS = 256;

  /** Query rows of one product. */
  static final int ROWS = 32;

  /** Floats from one row of scores to the next: full vectors may be written past the last key. */
  static final int STRIDE = KEYS + Floats.LANES;

  /** Floats of the scores of that many rows. */
  static final int SCORES = ROWS * STRIDE;

  /** With fewer rows, transposing costs more than it saves. */
  private static final int FEW_ROWS = 8;

  private final View source;
  private final MemorySegment transposed;
  private final MemorySegment scratch;
  private final boolean direct;
  private final long headSize;
  private long firstKey;
  private long column;

  /**
   * A block that will hold keys of {@code source}.
   *
   * @param rows how many rows will be multiplied with it
   * @param memory {@link #floats} floats
   */
  KeyBlock(View source, long headSize, long rows, MemorySegment memory) {
    this.source = source;
    this.headSize = headSize;
    transposed = memory;
    scratch = memory.asSlice(headSize * STRIDE * Float.BYTES);
    direct = rows < FEW_ROWS;
  }

  /** Floats that a block needs. */
  static long floats(long headSize) {
    return headSize * STRIDE + Transpose.SCRATCH;
  }

  /** Holds {@code keys} keys from {@code key} on, of the head that begins at {@code column}. */
  void hold(long key, long keys, long column) {
    firstKey = key;
    this.column = column;
    if (!direct) {
      Transpose.transpose(
          source.data(),
          source.at(key, column),
          source.stride(),
          keys,
          headSize,
          transposed,
          0,
          STRIDE,
          scratch);
    }
  }

  /**
   * scores = q k^T for {@code rows} dense rows of q and the block's keys {@code from} to {@code
   * to}; rows of scores are {@link #STRIDE} apart.
   */
  void multiply(long rows, MemorySegment q, long from, long to, MemorySegment scores) {
    if (!direct) {
      MemorySegment keys = transposed.asSlice(from * Float.BYTES);
      Blas.gemm(
          false, false, rows, to - from, headSize, 1, q, headSize, keys, STRIDE, 0, scores, STRIDE);
      return;
    }
    MemorySegment keys = source.from(firstKey + from, column);
    for (long i = 0; i < rows; i++) {
      Blas.gemm(
          false,
          true,
          1,
          to - from,
          headSize,
          1,
          q.asSlice(i * headSize * Float.BYTES),
          headSize,
          keys,
          source.stride(),
          0,
          scores.asSlice(i * STRIDE * Float.BYTES),
          STRIDE);
    }
  }

  /**
   * Makes the scores of a row outside keys {@code seen} to {@code unseen} -infinity, up to {@code
   * width}, a multiple of the vectors' lanes.
   */
  static void hide(MemorySegment scores, long at, long seen, long unseen, long width) {
    FloatVector nothing = Floats.broadcast(Float.NEGATIVE_INFINITY);
    long i = 0;
    for (; i <= seen - Floats.LANES; i += Floats.LANES) {
      Floats.store(nothing, scores, at + i);
    }
    for (; i < seen; i++) {
      Floats.set(scores, at + i, Float.NEGATIVE_INFINITY);
    }
    for (i = unseen; i < width; i += Floats.LANES) {
      Floats.store(nothing, scores, at + i);
    }
  }

  /** {@code count} rounded up to full vectors. */
  static long width(long count) {
    return Math.ceilDiv(count, Floats.LANES) * Floats.LANES;
  }
}
