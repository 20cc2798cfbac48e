package dev.culebra.train.run;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.token.Template;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.train.evaluation.PairCounts;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.EvaluationText;
import dev.culebra.train.setup.TextDataset;
import java.util.function.Supplier;

/**
 * What causal language modelling can be measured by beside the labels' frequencies.
 *
 * @param windows the held-out text as it is
 * @param pairs how often which token follows which in the training text
 */
record CausalMeasure(
    EvaluationBatches<Batch> windows, Supplier<PairCounts> pairs, Tokenizer tokenizer) {

  /** That of a task, or null if it is another one. */
  static CausalMeasure of(TextSetup setup, TextDataset samples, EvaluationText evaluated) {
    if (!setup.task().isCausal()) {
      return null;
    }
    boolean across = setup.recipe().get(Settings.CROSS_LABELS);
    return new CausalMeasure(
        samples.windows(evaluated),
        () -> new PairCounts(setup.data().training(), across),
        setup.data().tokenizer());
  }

  /** Bytes of text behind the labels: a byte-level token has one character per byte. */
  long labelBytes() {
    Template template = tokenizer.traits().template();
    Batch batch = windows.newBatch();
    long bytes = 0;
    for (long i = 0; i < windows.batches(); i++) {
      windows.fill(i, batch);
      for (int j = 0; j < batch.labelCount(); j++) {
        int label = batch.labels()[batch.labelPositions()[j]];
        boolean frames = label == tokenizer.endOfText() || template.begin().contains(label);
        bytes += frames ? 0 : tokenizer.token(label).length();
      }
    }
    return bytes;
  }
}
