package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.data.JudgedText;
import dev.culebra.objectives.data.TextSamples;
import dev.culebra.objectives.evaluation.EvaluationReport;
import dev.culebra.objectives.objective.Objective.Term;
import dev.culebra.objectives.objective.PackedSlot;
import dev.culebra.objectives.objective.TokenObjective;
import dev.culebra.objectives.task.TextPlan;
import dev.culebra.objectives.task.TextTask;
import dev.culebra.runtime.device.Device;
import java.util.List;

/** Objectives of text: windows of it, corrupted, and tokens asked back; or given pairs. */
final class TokenWorkload extends TextWorkload<PackedExamples, PackedSlot> {

  private final TextSamples samples;
  private final TokenObjective objective;

  TokenWorkload(TextSetup setup) {
    super(setup);
    this.samples = setup.samples();
    this.objective =
        new TokenObjective(
            setup.model(),
            terms(setup.task()),
            setup.recipe().crossEntropy(),
            setup.logitsBudget());
  }

  /** The tokens' term, and that of pairs of texts. */
  static List<Term> terms(TextTask task) {
    String key = task.key();
    if (!task.asksPairs()) {
      return List.of(new Term(task.parts().size() == 1 ? key : "tokens", 1));
    }
    TextPlan pairs = task.parts().stream().filter(TextPlan::asksPairs).findFirst().orElseThrow();
    return List.of(new Term("mlm", 1), new Term(pairs.objective().key(), 1));
  }

  @Override
  public TokenObjective objective() {
    return objective;
  }

  @Override
  public Source<PackedExamples> training() {
    return training(samples);
  }

  @Override
  public HeldOut<PackedExamples> heldOut() {
    return heldOut(samples);
  }

  @Override
  EvaluationReport report(Device device, JudgedText judged) {
    return TokenJudge.of(objective, setup, setup.task(), device)
        .judge(
            judged.name(),
            samples.heldOut(judged),
            setup.data().hasText() ? training() : null,
            CausalMeasure.of(setup, samples, judged));
  }

  @Override
  public List<Double> ignorances(Device device) {
    return TokenJudge.of(objective, setup, setup.task(), device).ignorances(heldOut(), training());
  }

  @Override
  public List<Use> uses() {
    return Uses.of(setup);
  }

  @Override
  public Showpiece show(Device device) {
    return Showpieces.of(setup, heldOut(), device);
  }
}
