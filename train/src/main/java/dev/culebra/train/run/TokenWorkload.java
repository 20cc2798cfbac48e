package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.objectives.Objective.Term;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.TokenObjective;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.setup.EvaluationText;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.TextDataset;
import dev.culebra.train.setup.TextObjectiveConfig;
import java.util.List;

/** Objectives of text: windows of it, corrupted, and tokens asked back; or given pairs. */
final class TokenWorkload extends TextWorkload<PackedExamples, PackedInputs> {

  private final TextDataset samples;
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
  static List<Term> terms(ObjectiveMix task) {
    String key = task.key();
    if (!task.asksPairs()) {
      return List.of(new Term(task.parts().size() == 1 ? key : "tokens", 1));
    }
    TextObjectiveConfig pairs =
        task.parts().stream().filter(TextObjectiveConfig::asksPairs).findFirst().orElseThrow();
    return List.of(new Term("mlm", 1), new Term(pairs.objective().key(), 1));
  }

  @Override
  public TokenObjective objective() {
    return objective;
  }

  @Override
  public TrainingBatches<PackedExamples> training() {
    return training(samples);
  }

  @Override
  public EvaluationBatches<PackedExamples> heldOut() {
    return heldOut(samples);
  }

  @Override
  EvaluationReport report(Device device, EvaluationText evaluated) {
    return TokenEvaluator.of(objective, setup, setup.task(), device)
        .evaluate(
            evaluated.name(),
            samples.heldOut(evaluated),
            setup.data().hasText() ? training() : null,
            CausalMeasure.of(setup, samples, evaluated));
  }

  @Override
  public List<Double> ignorances(Device device) {
    return TokenEvaluator.of(objective, setup, setup.task(), device)
        .ignorances(heldOut(), training());
  }

  @Override
  public List<Use> uses() {
    return Uses.of(setup);
  }

  @Override
  public SampleOutput show(Device device) {
    return SampleOutputs.of(setup, heldOut(), device);
  }
}
