package dev.culebra.objectives.batch;

/** The held-out data as batches, in order: together they score every label exactly once. */
public interface EvaluationSource {

  /** A batch of the shape that {@link #fill} writes. */
  Batch newBatch();

  /** How many batches cover the held-out data. */
  long batches();

  /**
   * Writes one batch.
   *
   * @param index from 0 to {@code batches() - 1}
   * @param target a batch from {@link #newBatch}; what it held is overwritten
   */
  void fill(long index, Batch target);
}
