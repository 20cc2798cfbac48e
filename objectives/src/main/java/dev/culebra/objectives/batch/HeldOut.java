package dev.culebra.objectives.batch;

/**
 * The held-out data as batches, in order: together they score every label exactly once.
 *
 * @param <B> what a batch is on the host
 */
public interface HeldOut<B> {

  /** A batch of the shape that {@link #fill} writes. */
  B newBatch();

  /** How many batches cover the held-out data. */
  long batches();

  /**
   * Writes one batch.
   *
   * @param index from 0 to {@code batches() - 1}
   * @param target a batch from {@link #newBatch}; what it held is overwritten
   */
  void fill(long index, B target);
}
