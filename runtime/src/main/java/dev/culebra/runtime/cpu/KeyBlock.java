package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;

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

  /** Floats of a product of that many rows with a block. */
  static final int SCORES = ROWS * KEYS;

  /** With fewer rows, transposing costs more than it saves. */
  private static final int FEW_ROWS = 8;

  /** Keys that are moved together: a cache line. */
  private static final int TOGETHER = 16;

  private final View source;
  private final MemorySegment transposed;
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
    direct = rows < FEW_ROWS;
  }

  /** Floats that a block needs. */
  static long floats(long headSize) {
    return headSize * KEYS;
  }

  /** Holds {@code keys} keys from {@code key} on, of the head that begins at {@code column}. */
  void hold(long key, long keys, long column) {
    firstKey = key;
    this.column = column;
    if (direct) {
      return;
    }
    MemorySegment from = source.data();
    long stride = source.stride();
    for (long i = 0; i < keys; i += TOGETHER) {
      transpose(
          from,
          source.at(key + i, column),
          stride,
          Math.min(TOGETHER, keys - i),
          transposed,
          i,
          headSize);
    }
  }

  private static void transpose(
      MemorySegment source,
      long at,
      long stride,
      long rows,
      MemorySegment target,
      long targetAt,
      long cols) {
    for (long col = 0; col < cols; col++) {
      for (long row = 0; row < rows; row++) {
        float value = Floats.get(source, at + row * stride + col);
        Floats.set(target, targetAt + col * KEYS + row, value);
      }
    }
  }

  /**
   * scores = q k^T for {@code rows} dense rows of q and the block's keys {@code from} to {@code
   * to}; rows of scores are {@link #KEYS} apart.
   */
  void multiply(long rows, MemorySegment q, long from, long to, MemorySegment scores) {
    if (!direct) {
      MemorySegment keys = transposed.asSlice(from * Float.BYTES);
      Blas.gemm(
          false, false, rows, to - from, headSize, 1, q, headSize, keys, KEYS, 0, scores, KEYS);
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
          scores.asSlice(i * KEYS * Float.BYTES),
          KEYS);
    }
  }
}
