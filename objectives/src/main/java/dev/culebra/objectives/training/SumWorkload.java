package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Encoder;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.batch.PartBatches;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.objective.Objective;
import dev.culebra.objectives.objective.PackedSlot;
import dev.culebra.objectives.objective.PairObjective;
import dev.culebra.objectives.objective.TokenObjective;
import dev.culebra.objectives.objective.WeightedSum;
import dev.culebra.objectives.token.TokenView;
import dev.culebra.runtime.device.Device;
import java.util.ArrayList;
import java.util.List;

/** A weighted sum of objectives of running text on one model, each with its own batches. */
final class SumWorkload extends RunningText<PartBatches, WeightedSum.PartSlots> {

  private final List<TextSamples> samples = new ArrayList<>();
  private final WeightedSum objective;

  SumWorkload(TextSetup<RunData> setup) {
    super(setup);
    TextTask task = setup.task();
    List<WeightedSum.Part<?, ?>> parts = new ArrayList<>();
    for (int i = 0; i < task.parts().size(); i++) {
      samples.add(setup.samples().part(i));
      parts.add(new WeightedSum.Part<>(part(task.parts().get(i)), task.weights().get(i)));
    }
    this.objective = new WeightedSum(parts);
  }

  private Objective<PackedExamples, PackedSlot> part(TextPlan plan) {
    String name = plan.objective().key();
    return plan.asksPairs()
        ? new PairObjective(name, (Encoder) setup.model()) // families() has encoders alone
        : new TokenObjective(
            name, setup.model(), setup.recipe().crossEntropy(), setup.logitsBudget());
  }

  @Override
  public WeightedSum objective() {
    return objective;
  }

  @Override
  public Source<PartBatches> training() {
    List<Source<?>> sources = new ArrayList<>();
    samples.forEach(part -> sources.add(training(part)));
    return PartBatches.training(sources);
  }

  @Override
  public HeldOut<PartBatches> heldOut() {
    List<HeldOut<?>> parts = new ArrayList<>();
    samples.forEach(part -> parts.add(heldOut(part)));
    return PartBatches.heldOut(parts);
  }

  /** The figures of each part, under names that begin with the part's. */
  @Override
  EvaluationReport judge(Device device, String name, List<TokenView> texts) {
    List<Metric> metrics = new ArrayList<>();
    long labels = 0;
    for (int i = 0; i < samples.size(); i++) {
      TextPlan plan = setup.task().parts().get(i);
      TextSamples part = samples.get(i);
      TokenObjective asked =
          new TokenObjective(
              setup.model(),
              TokenWorkload.terms(part.task()),
              setup.recipe().crossEntropy(),
              setup.logitsBudget());
      EvaluationReport report =
          new TokenJudge(asked, device)
              .judge(
                  name, part.heldOut(texts), setup.data().hasText() ? training(part) : null, null);
      labels += report.labels();
      report.metrics().forEach(metric -> metrics.add(named(metric, plan)));
    }
    return new EvaluationReport(name, labels, "labels", metrics);
  }

  private static Metric named(Metric metric, TextPlan plan) {
    String key = plan.objective().key().replace('-', '_');
    String name = metric.name().startsWith(key) ? metric.name() : key + "_" + metric.name();
    return new Metric(
        name, metric.value(), metric.form(), metric.higherIsBetter(), metric.baselines());
  }

  @Override
  public Showpiece show(Device device) {
    return Showpieces.of(setup, samples.getFirst().heldOut(setup.data().validation()), device);
  }
}
