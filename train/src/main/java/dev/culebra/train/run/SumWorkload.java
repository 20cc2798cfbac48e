package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.read.TextPairs;
import dev.culebra.models.bert.Encoder;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.multi.PartBatches;
import dev.culebra.objectives.multi.WeightedSum;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.PairObjective;
import dev.culebra.objectives.text.TokenObjective;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.setup.DatasetInfo;
import dev.culebra.train.setup.EvaluationText;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.TextDataset;
import dev.culebra.train.setup.TextObjectiveConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A weighted sum of objectives on one model of text, each with its own batches: running text, given
 * pairs, and pairs whose embeddings are compared.
 */
final class SumWorkload extends TextWorkload<PartBatches, WeightedSum.PartSlots> {

  private final List<TextDataset> samples = new ArrayList<>();
  private final ContrastWorkload contrast;
  private final WeightedSum objective;

  /**
   * A sum.
   *
   * @param contrast null if no embeddings are compared
   */
  SumWorkload(TextSetup setup, ContrastWorkload contrast) {
    super(setup);
    this.contrast = contrast;
    ObjectiveMix task = setup.task();
    List<WeightedSum.WeightedLoss<?, ?>> parts = new ArrayList<>();
    for (int i = 0; i < task.parts().size(); i++) {
      samples.add(setup.samples().part(i));
      parts.add(new WeightedSum.WeightedLoss<>(part(task.parts().get(i)), task.weights().get(i)));
    }
    if (contrast != null) {
      parts.add(new WeightedSum.WeightedLoss<>(contrast.objective(), task.contrast().weight()));
    }
    this.objective = new WeightedSum(parts);
  }

  private Objective<PackedExamples, PackedInputs> part(TextObjectiveConfig plan) {
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
  public TrainingBatches<PartBatches> training() {
    List<TrainingBatches<?>> sources = new ArrayList<>();
    samples.forEach(part -> sources.add(training(part)));
    if (contrast != null) {
      sources.add(contrast.training());
    }
    return PartBatches.training(sources);
  }

  @Override
  public EvaluationBatches<PartBatches> heldOut() {
    List<EvaluationBatches<?>> parts = new ArrayList<>();
    samples.forEach(part -> parts.add(heldOut(part)));
    if (contrast != null) {
      parts.add(contrast.heldOut());
    }
    return PartBatches.heldOut(parts);
  }

  @Override
  public List<Double> ignorances(Device device) {
    List<Double> losses = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      TextObjectiveConfig plan = setup.task().parts().get(i);
      TextDataset part = samples.get(i);
      if (plan.asksPairs()) {
        losses.add(Ignorance.COIN);
      } else {
        losses.addAll(evaluate(part, device).ignorances(heldOut(part), training(part)));
      }
    }
    if (contrast != null) {
      losses.addAll(contrast.ignorances(device));
    }
    return losses;
  }

  private TokenEvaluator evaluate(TextDataset part, Device device) {
    TokenObjective asked =
        new TokenObjective(
            setup.model(),
            TokenWorkload.terms(part.task()),
            setup.recipe().crossEntropy(),
            setup.logitsBudget());
    return TokenEvaluator.of(asked, setup, part.task(), device);
  }

  @Override
  public DatasetInfo facts() {
    return contrast == null ? super.facts() : super.facts().and(contrast.facts());
  }

  /** Pairs by name are for the parts that read pairs, everything else for the others. */
  @Override
  public EvaluationReport evaluate(Device device, Path other) throws IOException {
    if (contrast == null || (other != null && !TextPairs.areIn(other))) {
      return super.evaluate(device, other);
    }
    EvaluationReport compared = contrast.evaluate(device, other);
    String key = contrast.objective().terms().getFirst().name();
    Stream<Metric> metrics = compared.metrics().stream().map(metric -> named(metric, key));
    if (other != null) {
      return new EvaluationReport(
          compared.data(), compared.labels(), compared.unit(), metrics.toList());
    }
    EvaluationReport asked = super.evaluate(device, null);
    return new EvaluationReport(
        asked.data(),
        asked.labels() + compared.labels(),
        asked.unit(),
        Stream.concat(asked.metrics().stream(), metrics).toList());
  }

  /** The figures of each part that the data serves, under names that begin with the part's. */
  @Override
  EvaluationReport report(Device device, EvaluationText evaluated) {
    List<Metric> metrics = new ArrayList<>();
    long labels = 0;
    for (int i = 0; i < samples.size(); i++) {
      TextObjectiveConfig plan = setup.task().parts().get(i);
      TextDataset part = samples.get(i);
      if (!evaluated.serves(part.task())) {
        continue;
      }
      EvaluationReport report =
          evaluate(part, device)
              .evaluate(
                  evaluated.name(),
                  part.heldOut(evaluated),
                  setup.data().hasText() ? training(part) : null,
                  null);
      labels += report.labels();
      report.metrics().forEach(metric -> metrics.add(named(metric, plan.objective().key())));
    }
    return new EvaluationReport(evaluated.name(), labels, "labels", metrics);
  }

  private static Metric named(Metric metric, String objective) {
    String key = objective.replace('-', '_');
    String name = metric.name().startsWith(key) ? metric.name() : key + "_" + metric.name();
    return new Metric(
        name, metric.value(), metric.form(), metric.higherIsBetter(), metric.baselines());
  }

  @Override
  public List<Use> uses() {
    List<Use> uses = new ArrayList<>(Uses.of(setup));
    if (contrast != null) {
      uses.addAll(contrast.uses());
    }
    return uses;
  }

  @Override
  public SampleOutput show(Device device) {
    return SampleOutputs.of(setup, heldOut(samples.getFirst()), device);
  }

  @Override
  public void close() {
    if (contrast != null) {
      contrast.close();
    }
    super.close();
  }
}
