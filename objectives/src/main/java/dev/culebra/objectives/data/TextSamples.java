package dev.culebra.objectives.data;

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
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.objectives.task.TextPlan;
import dev.culebra.objectives.task.TextTask;
import dev.culebra.objectives.token.TokenView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The batches that a task makes of text: to train on, and to judge by.
 *
 * @param mark finds words and sentences
 */
public record TextSamples(
    Recipe recipe, TextTask task, SpecialTokens specials, Function<int[], Text> mark) {

  /** The same of one part of the task. */
  public TextSamples part(int part) {
    TextTask alone = TextTask.single(task.key(), task.parts().get(part));
    return new TextSamples(recipe, alone, specials, mark);
  }

  /** Batches to train on, of several texts in fixed proportions. */
  public Source<PackedExamples> training(RunData data) {
    int microBatches = recipe.get(Settings.ACCUMULATION);
    if (task.isCausal()) {
      List<CausalWindows> windows =
          data.training().stream()
              .map(text -> new CausalWindows(text, RunData.options(recipe), microBatches, seed()))
              .toList();
      return DecoderBatches.of(CausalWindows.blended(windows, data.weights()));
    }
    List<Sampling> parts = task.parts().stream().map(plan -> drawn(plan, data)).toList();
    boolean bySample = recipe.get(Settings.MIXTURE_BY).equals("sample");
    Sampling all = mixed(parts, bySample ? 1 : recipe.get(Settings.SEQUENCES));
    PackedOptions room =
        room(plan -> plan.readsPairs() ? pairs(plan).room(data.pairs()) : sizes(plan));
    return SampledBatches.training(all, room.roomFor(all, Long.MAX_VALUE), microBatches);
  }

  /** How many given pairs are longer than the context allows. */
  public long cut(RunData data) {
    return data.pairs() == null ? 0 : pairs(task.first()).cut(data.pairs());
  }

  /** Batches to judge by. */
  public HeldOut<PackedExamples> heldOut(JudgedText judged) {
    if (task.isCausal()) {
      return DecoderBatches.of(windows(judged));
    }
    List<Sampling> parts = task.parts().stream().map(plan -> inOrder(plan, judged)).toList();
    long count = task.parts().stream().mapToLong(plan -> count(plan, judged)).min().orElse(0);
    Sampling all = mixed(parts, 1);
    PackedOptions room =
        room(plan -> plan.readsPairs() ? pairs(plan).room(judged.pairs()) : sizes(plan));
    return SampledBatches.heldOut(all, count, room.roomFor(all, count));
  }

  private Sampling mixed(List<Sampling> parts, int together) {
    return parts.size() == 1
        ? parts.getFirst()
        : Samplings.mixed(parts, shares(), together, seed());
  }

  /** Windows to judge by as they are. */
  public HeldOut<Batch> windows(JudgedText judged) {
    List<HeldOut<Batch>> texts = new ArrayList<>();
    for (TokenView text : judged.running()) {
      texts.add(new HeldOutWindows(text, RunData.options(recipe)));
    }
    return HeldOut.concat(texts);
  }

  private long seed() {
    return recipe.get(Settings.SEED);
  }

  private Weights shares() {
    return new Weights(task.weights().stream().mapToDouble(w -> w).toArray());
  }

  /** Room for the samples of every part. */
  private PackedOptions room(Function<TextPlan, PackedOptions> ofPart) {
    return task.parts().stream().map(ofPart).reduce(PackedOptions::covering).orElseThrow();
  }

  private PairSamples pairs(TextPlan plan) {
    return new PairSamples(recipe, specials, plan.arrangement());
  }

  private PackedOptions sizes(TextPlan plan) {
    return plan.sizes(recipe, specials);
  }

  private Sampling drawn(TextPlan plan, RunData data) {
    if (plan.readsPairs()) {
      return pairs(plan).drawn(data.pairs());
    }
    List<Sampling> texts = data.training().stream().map(text -> drawn(plan, text)).toList();
    return Samplings.blended(texts, data.weights());
  }

  private Sampling drawn(TextPlan plan, TokenView text) {
    return plan.asksPairs()
        ? pairs(plan, text, true)
        : CorruptedWindows.drawn(
            text, mark, plan.corruption(recipe, specials), sizes(plan), seed());
  }

  private Sampling inOrder(TextPlan plan, JudgedText judged) {
    if (plan.readsPairs()) {
      return pairs(plan).inOrder(judged.pairs());
    }
    List<Sampling> texts = judged.running().stream().map(text -> inOrder(plan, text)).toList();
    long[] counts = judged.running().stream().mapToLong(text -> count(plan, text)).toArray();
    return Samplings.inTurn(texts, counts);
  }

  private Sampling inOrder(TextPlan plan, TokenView text) {
    return plan.asksPairs()
        ? pairs(plan, text, false)
        : CorruptedWindows.inOrder(
            text, mark, plan.corruption(recipe, specials), sizes(plan), seed());
  }

  private long count(TextPlan plan, JudgedText judged) {
    return plan.readsPairs()
        ? judged.pairs().range().count()
        : judged.running().stream().mapToLong(text -> count(plan, text)).sum();
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
