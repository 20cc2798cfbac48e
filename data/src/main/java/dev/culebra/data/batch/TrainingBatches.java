package dev.culebra.data.batch;

/**
 * Where training batches come from. What a call writes is a pure function of the source's seed and
 * options and of the arguments: a resumed run needs the step's number and nothing else.
 *
 * @param <B> what a micro-batch is on the host
 */
public interface TrainingBatches<B> {

  /** A batch of the shape that {@link #fill} writes. */
  B newBatch();

  /** How many micro-batches one optimiser step takes. */
  int microBatches();

  /**
   * Writes one micro-batch.
   *
   * @param step the optimiser step, from 0
   * @param microBatch the micro-batch within the step, from 0 to {@code microBatches() - 1}
   * @param target a batch from {@link #newBatch}; what it held is overwritten
   */
  void fill(long step, int microBatch, B target);
}
