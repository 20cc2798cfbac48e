package dev.culebra.objectives.training;

import dev.culebra.objectives.baseline.PairCounts;
import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.data.JudgedText;
import dev.culebra.objectives.data.TextSamples;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.objectives.token.Template;
import dev.culebra.objectives.token.Tokenizer;
import java.util.function.Supplier;

/**
 * What causal language modelling can be measured by beside the labels' frequencies.
 *
 * @param windows the held-out text as it is
 * @param pairs how often which token follows which in the training text
 */
record CausalMeasure(HeldOut<Batch> windows, Supplier<PairCounts> pairs, Tokenizer tokenizer) {

  /** That of a task, or null if it is another one. */
  static CausalMeasure of(TextSetup setup, TextSamples samples, JudgedText judged) {
    if (!setup.task().isCausal()) {
      return null;
    }
    boolean across = setup.recipe().get(Settings.CROSS_LABELS);
    return new CausalMeasure(
        samples.windows(judged),
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
