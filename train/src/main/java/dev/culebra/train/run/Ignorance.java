package dev.culebra.train.run;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.objectives.pairs.PairBatch;
import dev.culebra.objectives.pairs.PairLoss;
import dev.culebra.train.evaluation.LabelCounts;
import java.util.function.Function;

/** The losses of models that know nothing of an input, only how often answers occur. */
final class Ignorance {

  /** Of a question with two answers that are asked for alike. */
  static final double COIN = Math.log(2);

  private Ignorance() {}

  /**
   * How often each label is asked for in the first batches of training.
   *
   * @param asked the rows of a batch whose labels are meant
   */
  static <B> LabelCounts counts(
      int vocabulary, TrainingBatches<B> training, int batches, Function<B, Batch> asked) {
    LabelCounts counts = new LabelCounts(vocabulary);
    B batch = training.newBatch();
    for (int i = 0; i < batches; i++) {
      training.fill(i, 0, batch);
      counts.add(asked.apply(batch));
    }
    return counts;
  }

  /** Every label as likely as it is frequent; NaN if nothing is asked. */
  static <B> double unigram(
      LabelCounts known, EvaluationBatches<B> heldOut, Function<B, Batch> asked) {
    B host = heldOut.newBatch();
    double sum = 0;
    long labels = 0;
    for (long i = 0; i < heldOut.batches(); i++) {
      heldOut.fill(i, host);
      Batch rows = asked.apply(host);
      labels += rows.labelCount();
      for (int j = 0; j < rows.labelCount(); j++) {
        sum -= Math.log(known.probability(rows.labels()[rows.labelPositions()[j]]));
      }
    }
    return sum / labels;
  }

  /** Every key of a batch as likely to fit as the others. */
  static <B> double even(
      EvaluationBatches<B> heldOut, Function<B, PairBatch> pairs, PairLoss.Form form) {
    B host = heldOut.newBatch();
    double sum = 0;
    long count = 0;
    for (long i = 0; i < heldOut.batches(); i++) {
      heldOut.fill(i, host);
      PairBatch batch = pairs.apply(host);
      double share = 1.0 / batch.keys();
      boolean sigmoid = form == PairLoss.Form.SIGMOID;
      sum += batch.count() * (sigmoid ? entropy(share) / share : Math.log(batch.keys()));
      count += batch.count();
    }
    return sum / count;
  }

  /** Of a question with two answers, one of which has a known share. */
  static double entropy(double share) {
    return share == 0 || share == 1
        ? 0
        : -share * Math.log(share) - (1 - share) * Math.log(1 - share);
  }
}
