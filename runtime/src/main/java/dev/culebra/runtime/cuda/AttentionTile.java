package dev.culebra.runtime.cuda;

import java.util.List;

/**
 * How the attention kernels cut their work: what a block owns and what it takes at a step, and the
 * shared memory that this needs, as the kernels' launch contracts state it.
 *
 * @param head values of a head in shared memory
 * @param own rows that a block owns
 * @param step rows of the other side at a step
 * @param floats whether the kernels are those of float32
 */
record AttentionTile(int head, int own, int step, boolean floats) {

  private static final int BF16 = 2;
  private static final int F32 = 4;

  /** Bytes that a query's log-sum-exp, delta, interval and dropout take. */
  private static final int QUERY_TERMS = 24;

  /**
   * Tensor cores, forward. Where registers suffice, a warp has two bands of 16 rows: what it reads
   * from shared memory then serves both.
   *
   * @param plain whether there is neither bias nor dropout
   */
  static AttentionTile forward(int headSize, boolean plain) {
    int head = padded(headSize, plain);
    return new AttentionTile(head, plain && head <= 64 ? 128 : 64, 64, false);
  }

  /** Tensor cores, gradients of keys and values; {@code plain} as in {@link #forward}. */
  static AttentionTile keys(int headSize, boolean plain) {
    int head = padded(headSize, plain);
    return new AttentionTile(head, 64, head <= 64 ? 64 : 32, false);
  }

  /** Tensor cores, gradients of queries. */
  static AttentionTile queries(int headSize) {
    return new AttentionTile(padded(headSize, true), 64, 32, false);
  }

  /**
   * Multiply-adds. Heads of 32 are padded, too: ptxas would spill to fit them into 64 registers.
   */
  static AttentionTile floats(int headSize) {
    return new AttentionTile(padded(headSize, false), 32, 32, true);
  }

  /**
   * A multiple of 32. Only plain kernels on tensor cores take 32 itself: the others, ptxas would
   * make spill in order to fit more blocks on a multiprocessor.
   */
  private static int padded(int headSize, boolean small) {
    return Math.max(small ? 32 : 64, Math.ceilDiv(headSize, 32) * 32);
  }

  List<String> macros() {
    return List.of("HEAD=" + head, "OWN=" + own, "STEP=" + step);
  }

  /** Blocks over that many rows. */
  long blocks(long rows) {
    return Math.ceilDiv(rows, (long) own);
  }

  long forwardBytes() {
    return floats ? floatRows(own + 2 * step) + scores() : rows(own + 4 * step);
  }

  long keysBytes() {
    return floats
        ? floatRows(2 * own + 2 * step) + scores() + (long) QUERY_TERMS * step
        : rows(2 * own + 4 * step) + 2L * QUERY_TERMS * step;
  }

  /** Scores of which the gradients are summed by distance lie in shared memory. */
  long queriesBytes(boolean learnBias) {
    if (floats) {
      return floatRows(2 * own + 2 * step) + scores() + (learnBias ? diagonals() : 0);
    }
    return rows(2 * own + 4 * step) + (learnBias ? scores() + diagonals() : 0);
  }

  /** Rows of bf16, each with 16 bytes more than a head. */
  private long rows(int count) {
    return (long) count * (head + 8) * BF16;
  }

  /** Rows of float32, each with one value more than a head. */
  private long floatRows(int count) {
    return (long) count * (head + 1) * F32;
  }

  private long scores() {
    return (long) own * (step + 1) * F32;
  }

  private long diagonals() {
    return (long) (own + step) * F32;
  }
}
