package dev.culebra.runtime.cpu;

/**
 * How loops are cut into tasks: by rules that know the sizes but not the number of threads, so that
 * results do not depend on it.
 */
final class Grain {

  /** Elements of a task that moves through memory once: 64 KiB, some microseconds. */
  static final long ELEMENTS = 1 << 14;

  private static final long MAX_BLOCKS = 64;
  private static final long MIN_BLOCK_ROWS = 8;

  private Grain() {}

  /** Rows of a task over rows of {@code cols} elements. */
  static long rows(long cols) {
    return Math.max(1, ELEMENTS / Math.max(1, cols));
  }

  /**
   * Rows of a block whose partial sums are kept until they are added in the order of the blocks:
   * enough that there are at most 64 blocks.
   */
  static long blockRows(long rows) {
    return Math.max(MIN_BLOCK_ROWS, Math.ceilDiv(rows, MAX_BLOCKS));
  }
}
