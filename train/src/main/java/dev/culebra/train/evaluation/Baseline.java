package dev.culebra.train.evaluation;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.EvaluationBatches;

/** A model so simple that a trained one must beat it. */
public sealed interface Baseline permits UnigramBaseline, BigramBaseline {

  /** The probability of {@code label} after {@code context}; over all labels they sum to 1. */
  double probability(int context, int label);

  /**
   * The mean of {@code -ln p(label | context)} in nats over every scored row of held-out data, the
   * rows a model is judged on; 0 if no row is scored.
   */
  default double meanLoss(EvaluationBatches<Batch> heldOut) {
    Batch batch = heldOut.newBatch();
    double sum = 0;
    long labels = 0;
    for (long b = 0; b < heldOut.batches(); b++) {
      heldOut.fill(b, batch);
      for (int i = 0; i < batch.labelCount(); i++) {
        int row = batch.labelPositions()[i];
        sum -= Math.log(probability(batch.ids()[row], batch.labels()[row]));
      }
      labels += batch.labelCount();
    }
    return labels == 0 ? 0 : sum / labels;
  }
}
