package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.batch.CausalWindows;
import dev.culebra.objectives.batch.CorruptedWindows;
import dev.culebra.objectives.batch.DecoderBatches;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.HeldOutWindows;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.batch.PackedOptions;
import dev.culebra.objectives.batch.PairedSentences;
import dev.culebra.objectives.batch.SampledBatches;
import dev.culebra.objectives.batch.Sampling;
import dev.culebra.objectives.batch.Samplings;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.corruption.PairRows;
import dev.culebra.objectives.corruption.SentencePairs;
import dev.culebra.objectives.corruption.SentencePairs.Task;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.corruption.Text;
import dev.culebra.objectives.corruption.TextObjective;
import dev.culebra.objectives.corruption.Weights;
import dev.culebra.objectives.token.TokenView;
import java.util.List;
import java.util.function.Function;

/**
 * The batches that a task makes of running text: to train on, and to judge by.
 *
 * @param mark finds words and sentences
 */
record TextSamples(
    Recipe recipe, TextTask task, SpecialTokens specials, Function<int[], Text> mark) {

  /** The same of one part of the task. */
  TextSamples part(int part) {
    TextTask alone =
        new TextTask(
            task.key(), TextTask.Kind.SINGLE, task.parts().subList(part, part + 1), List.of(1.0));
    return new TextSamples(recipe, alone, specials, mark);
  }

  /**
   * Batches to train on, of several texts in fixed proportions.
   *
   * @param weights one per text
   */
  Source<PackedExamples> training(List<TokenView> texts, double[] weights) {
    int microBatches = recipe.get(Settings.ACCUMULATION);
    if (task.isCausal()) {
      List<CausalWindows> windows =
          texts.stream()
              .map(text -> new CausalWindows(text, RunData.options(recipe), microBatches, seed()))
              .toList();
      return DecoderBatches.of(CausalWindows.blended(windows, weights));
    }
    List<Sampling> drawn = texts.stream().map(this::drawn).toList();
    return SampledBatches.training(Samplings.blended(drawn, weights), sizes(), microBatches);
  }

  /** Batches to judge by. */
  HeldOut<PackedExamples> heldOut(List<TokenView> texts) {
    return HeldOut.concat(texts.stream().map(this::heldOut).toList());
  }

  private HeldOut<PackedExamples> heldOut(TokenView text) {
    if (task.isCausal()) {
      return DecoderBatches.of(windows(text));
    }
    PackedOptions sizes = sizes();
    Weights shares = shares();
    List<Sampling> parts = task.parts().stream().map(plan -> inOrder(plan, text)).toList();
    long count = task.parts().stream().mapToLong(plan -> count(plan, text)).min().orElse(0);
    return SampledBatches.heldOut(Samplings.mixed(parts, shares, 1, seed()), count, sizes);
  }

  /** Windows to judge by as they are. */
  HeldOut<Batch> windows(List<TokenView> texts) {
    return HeldOut.concat(texts.stream().map(this::windows).toList());
  }

  private HeldOut<Batch> windows(TokenView text) {
    return new HeldOutWindows(text, RunData.options(recipe));
  }

  private long seed() {
    return recipe.get(Settings.SEED);
  }

  private Weights shares() {
    return new Weights(task.weights().stream().mapToDouble(w -> w).toArray());
  }

  /** Room for the samples of every part. */
  private PackedOptions sizes() {
    List<PackedOptions> parts = task.parts().stream().map(this::sizes).toList();
    PackedOptions all = parts.getFirst();
    for (PackedOptions part : parts.subList(1, parts.size())) {
      all = all.covering(part);
    }
    return all;
  }

  private PackedOptions sizes(TextPlan plan) {
    return plan.sizes(recipe, specials);
  }

  private Sampling drawn(TokenView text) {
    List<Sampling> parts = task.parts().stream().map(plan -> drawn(plan, text)).toList();
    boolean bySample = recipe.get(Settings.MIXTURE_BY).equals("sample");
    int together = bySample ? 1 : recipe.get(Settings.SEQUENCES);
    return parts.size() == 1
        ? parts.getFirst()
        : Samplings.mixed(parts, shares(), together, seed());
  }

  private Sampling drawn(TextPlan plan, TokenView text) {
    return plan.asksPairs()
        ? pairs(plan, text, true)
        : CorruptedWindows.drawn(
            text, mark, plan.corruption(recipe, specials), sizes(plan), seed());
  }

  private Sampling inOrder(TextPlan plan, TokenView text) {
    return plan.asksPairs()
        ? pairs(plan, text, false)
        : CorruptedWindows.inOrder(
            text, mark, plan.corruption(recipe, specials), sizes(plan), seed());
  }

  private long count(TextPlan plan, TokenView text) {
    return plan.asksPairs()
        ? pairs(plan, text, false).count()
        : CorruptedWindows.count(text, sizes(plan));
  }

  private PairedSentences pairs(TextPlan plan, TokenView text, boolean shuffled) {
    boolean next = plan.objective() == TextObjective.NSP;
    SentencePairs pairs =
        new SentencePairs(
            next ? Task.NEXT_SENTENCE : Task.SENTENCE_ORDER, recipe.get(Settings.CONTEXT), 0.1);
    PairRows rows = plan.pairRows(recipe, specials);
    return new PairedSentences(text, mark, pairs, rows, sizes(plan).window(), shuffled, seed());
  }
}
