package dev.culebra.train.setup;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.CausalWindows;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.HeldOutWindows;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.random.Probabilities;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TokenView;
import dev.culebra.objectives.text.CorruptedWindows;
import dev.culebra.objectives.text.Dataset;
import dev.culebra.objectives.text.Datasets;
import dev.culebra.objectives.text.DecoderBatches;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedOptions;
import dev.culebra.objectives.text.PairedSentences;
import dev.culebra.objectives.text.SampledBatches;
import dev.culebra.objectives.text.corruption.PairRows;
import dev.culebra.objectives.text.corruption.SentencePairs;
import dev.culebra.objectives.text.corruption.SentencePairs.Task;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The batches that a task makes of text: to train on, and to evaluate on.
 *
 * @param mark finds words and sentences
 */
public record TextDataset(
    Recipe recipe, ObjectiveMix task, SpecialTokens specials, Function<int[], Text> mark) {

  /** The same of one part of the task. */
  public TextDataset part(int part) {
    ObjectiveMix alone = ObjectiveMix.single(task.key(), task.parts().get(part));
    return new TextDataset(recipe, alone, specials, mark);
  }

  /** Batches to train on, of several texts in fixed proportions. */
  public TrainingBatches<PackedExamples> training(RunData data) {
    int microBatches = recipe.get(Settings.ACCUMULATION);
    if (task.isCausal()) {
      List<CausalWindows> windows =
          data.training().stream()
              .map(text -> new CausalWindows(text, RunData.options(recipe), microBatches, seed()))
              .toList();
      return DecoderBatches.of(CausalWindows.blended(windows, data.weights()));
    }
    List<Dataset> parts = task.parts().stream().map(plan -> drawn(plan, data)).toList();
    boolean bySample = recipe.get(Settings.MIXTURE_BY).equals("sample");
    Dataset all = mixed(parts, bySample ? 1 : recipe.get(Settings.SEQUENCES));
    PackedOptions room =
        room(plan -> plan.readsPairs() ? pairs(plan).room(data.pairs()) : sizes(plan));
    return SampledBatches.training(all, room.roomFor(all, Long.MAX_VALUE), microBatches);
  }

  /** How many given pairs are longer than the context allows. */
  public long cut(RunData data) {
    return data.pairs() == null ? 0 : pairs(task.first()).cut(data.pairs());
  }

  /** Batches to evaluate on. */
  public EvaluationBatches<PackedExamples> heldOut(EvaluationText evaluated) {
    if (task.isCausal()) {
      return DecoderBatches.of(windows(evaluated));
    }
    List<Dataset> parts = task.parts().stream().map(plan -> inOrder(plan, evaluated)).toList();
    long count = task.parts().stream().mapToLong(plan -> count(plan, evaluated)).min().orElse(0);
    Dataset all = mixed(parts, 1);
    PackedOptions room =
        room(plan -> plan.readsPairs() ? pairs(plan).room(evaluated.pairs()) : sizes(plan));
    return SampledBatches.heldOut(all, count, room.roomFor(all, count));
  }

  private Dataset mixed(List<Dataset> parts, int together) {
    return parts.size() == 1 ? parts.getFirst() : Datasets.mixed(parts, shares(), together, seed());
  }

  /** Windows to evaluate on as they are. */
  public EvaluationBatches<Batch> windows(EvaluationText evaluated) {
    List<EvaluationBatches<Batch>> texts = new ArrayList<>();
    for (TokenView text : evaluated.running()) {
      texts.add(new HeldOutWindows(text, RunData.options(recipe)));
    }
    return EvaluationBatches.concat(texts);
  }

  private long seed() {
    return recipe.get(Settings.SEED);
  }

  private Probabilities shares() {
    return new Probabilities(task.weights().stream().mapToDouble(w -> w).toArray());
  }

  /** Room for the samples of every part. */
  private PackedOptions room(Function<TextObjectiveConfig, PackedOptions> ofPart) {
    return task.parts().stream().map(ofPart).reduce(PackedOptions::covering).orElseThrow();
  }

  private PairDataset pairs(TextObjectiveConfig plan) {
    return new PairDataset(recipe, specials, plan.architecture());
  }

  private PackedOptions sizes(TextObjectiveConfig plan) {
    return plan.sizes(recipe, specials);
  }

  private Dataset drawn(TextObjectiveConfig plan, RunData data) {
    if (plan.readsPairs()) {
      return pairs(plan).drawn(data.pairs());
    }
    List<Dataset> texts = data.training().stream().map(text -> drawn(plan, text)).toList();
    return Datasets.blended(texts, data.weights());
  }

  private Dataset drawn(TextObjectiveConfig plan, TokenView text) {
    return plan.asksPairs()
        ? pairs(plan, text, true)
        : CorruptedWindows.drawn(
            text, mark, plan.corruption(recipe, specials), sizes(plan), seed());
  }

  private Dataset inOrder(TextObjectiveConfig plan, EvaluationText evaluated) {
    if (plan.readsPairs()) {
      return pairs(plan).inOrder(evaluated.pairs());
    }
    List<Dataset> texts = evaluated.running().stream().map(text -> inOrder(plan, text)).toList();
    long[] counts = evaluated.running().stream().mapToLong(text -> count(plan, text)).toArray();
    return Datasets.inTurn(texts, counts);
  }

  private Dataset inOrder(TextObjectiveConfig plan, TokenView text) {
    return plan.asksPairs()
        ? pairs(plan, text, false)
        : CorruptedWindows.inOrder(
            text, mark, plan.corruption(recipe, specials), sizes(plan), seed());
  }

  private long count(TextObjectiveConfig plan, EvaluationText evaluated) {
    return plan.readsPairs()
        ? evaluated.pairs().range().count()
        : evaluated.running().stream().mapToLong(text -> count(plan, text)).sum();
  }

  private long count(TextObjectiveConfig plan, TokenView text) {
    return plan.asksPairs()
        ? pairs(plan, text, false).count()
        : CorruptedWindows.count(text, sizes(plan));
  }

  private PairedSentences pairs(TextObjectiveConfig plan, TokenView text, boolean shuffled) {
    boolean next = plan.objective() == TextObjective.NSP;
    SentencePairs pairs =
        new SentencePairs(
            next ? Task.NEXT_SENTENCE : Task.SENTENCE_ORDER, recipe.get(Settings.CONTEXT), 0.1);
    PairRows rows = plan.pairRows(recipe, specials);
    return new PairedSentences(text, mark, pairs, rows, sizes(plan).window(), shuffled, seed());
  }
}
