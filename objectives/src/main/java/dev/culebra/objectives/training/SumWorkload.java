package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Encoder;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.PackedExamples;
import dev.culebra.objectives.batch.PartBatches;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.corpus.TextPairs;
import dev.culebra.objectives.data.Facts;
import dev.culebra.objectives.data.JudgedText;
import dev.culebra.objectives.data.TextSamples;
import dev.culebra.objectives.evaluation.EvaluationReport;
import dev.culebra.objectives.evaluation.Metric;
import dev.culebra.objectives.objective.Objective;
import dev.culebra.objectives.objective.PackedSlot;
import dev.culebra.objectives.objective.PairObjective;
import dev.culebra.objectives.objective.TokenObjective;
import dev.culebra.objectives.objective.WeightedSum;
import dev.culebra.objectives.task.TextPlan;
import dev.culebra.objectives.task.TextTask;
import dev.culebra.runtime.device.Device;
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

  private final List<TextSamples> samples = new ArrayList<>();
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
    TextTask task = setup.task();
    List<WeightedSum.Part<?, ?>> parts = new ArrayList<>();
    for (int i = 0; i < task.parts().size(); i++) {
      samples.add(setup.samples().part(i));
      parts.add(new WeightedSum.Part<>(part(task.parts().get(i)), task.weights().get(i)));
    }
    if (contrast != null) {
      parts.add(new WeightedSum.Part<>(contrast.objective(), task.contrast().weight()));
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
    if (contrast != null) {
      sources.add(contrast.training());
    }
    return PartBatches.training(sources);
  }

  @Override
  public HeldOut<PartBatches> heldOut() {
    List<HeldOut<?>> parts = new ArrayList<>();
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
      TextPlan plan = setup.task().parts().get(i);
      TextSamples part = samples.get(i);
      if (plan.asksPairs()) {
        losses.add(Ignorance.COIN);
      } else {
        losses.addAll(judge(part, device).ignorances(heldOut(part), training(part)));
      }
    }
    if (contrast != null) {
      losses.addAll(contrast.ignorances(device));
    }
    return losses;
  }

  private TokenJudge judge(TextSamples part, Device device) {
    TokenObjective asked =
        new TokenObjective(
            setup.model(),
            TokenWorkload.terms(part.task()),
            setup.recipe().crossEntropy(),
            setup.logitsBudget());
    return TokenJudge.of(asked, setup, part.task(), device);
  }

  @Override
  public Facts facts() {
    return contrast == null ? super.facts() : super.facts().and(contrast.facts());
  }

  /** Pairs by name are for the parts that read pairs, everything else for the others. */
  @Override
  public EvaluationReport judge(Device device, Path other) throws IOException {
    if (contrast == null || (other != null && !TextPairs.areIn(other))) {
      return super.judge(device, other);
    }
    EvaluationReport compared = contrast.judge(device, other);
    String key = contrast.objective().terms().getFirst().name();
    Stream<Metric> metrics = compared.metrics().stream().map(metric -> named(metric, key));
    if (other != null) {
      return new EvaluationReport(
          compared.data(), compared.labels(), compared.unit(), metrics.toList());
    }
    EvaluationReport asked = super.judge(device, null);
    return new EvaluationReport(
        asked.data(),
        asked.labels() + compared.labels(),
        asked.unit(),
        Stream.concat(asked.metrics().stream(), metrics).toList());
  }

  /** The figures of each part that the data serves, under names that begin with the part's. */
  @Override
  EvaluationReport report(Device device, JudgedText judged) {
    List<Metric> metrics = new ArrayList<>();
    long labels = 0;
    for (int i = 0; i < samples.size(); i++) {
      TextPlan plan = setup.task().parts().get(i);
      TextSamples part = samples.get(i);
      if (!judged.serves(part.task())) {
        continue;
      }
      EvaluationReport report =
          judge(part, device)
              .judge(
                  judged.name(),
                  part.heldOut(judged),
                  setup.data().hasText() ? training(part) : null,
                  null);
      labels += report.labels();
      report.metrics().forEach(metric -> metrics.add(named(metric, plan.objective().key())));
    }
    return new EvaluationReport(judged.name(), labels, "labels", metrics);
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
  public Showpiece show(Device device) {
    return Showpieces.of(setup, heldOut(samples.getFirst()), device);
  }

  @Override
  public void close() {
    if (contrast != null) {
      contrast.close();
    }
    super.close();
  }
}
