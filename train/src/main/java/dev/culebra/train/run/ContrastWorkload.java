package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.objectives.pairs.ContrastiveObjective;
import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.objectives.pairs.PairBatch;
import dev.culebra.objectives.pairs.PairBatches;
import dev.culebra.objectives.pairs.PairInputs;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.evaluation.Scorer;
import dev.culebra.train.inference.Embedder;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.ContrastData;
import dev.culebra.train.setup.DatasetInfo;
import dev.culebra.train.setup.PairObjectiveConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Objectives of pairs: texts beside texts, or images beside texts. */
final class ContrastWorkload implements Workload<PairBatch, PairInputs> {

  private final PairSetup open;
  private final GuideModel guide;
  private final ContrastiveObjective objective;

  ContrastWorkload(PairSetup open) {
    this.open = open;
    PairObjectiveConfig plan = open.plan();
    this.guide = GuideModel.open(open);
    this.objective =
        new ContrastiveObjective(
            plan.objective(), open.model(), plan.loss(), guide == null ? null : guide.guide());
  }

  @Override
  public ContrastiveObjective objective() {
    return objective;
  }

  @Override
  public TrainingBatches<PairBatch> training() {
    ContrastData.Encoded pairs = open.pairs();
    return PairBatches.training(
        pairs.training(),
        open.recipe().get(Settings.SEQUENCES),
        open.recipe().get(Settings.ACCUMULATION),
        open.recipe().get(Settings.SEED),
        count -> open.batch(count, pairs.known()));
  }

  /** Refuses batches that cannot be, and says so if the guide leaves nothing of the first one. */
  void check() {
    if (open.pairs() == null) {
      return;
    }
    TrainingBatches<PairBatch> source = training();
    if (guide != null) {
      PairBatch first = source.newBatch();
      source.fill(0, 0, first);
      guide.check(first);
    }
  }

  @Override
  public EvaluationBatches<PairBatch> heldOut() {
    return heldOut(open.pairs());
  }

  private EvaluationBatches<PairBatch> heldOut(ContrastData.Encoded from) {
    return PairBatches.heldOut(
        from.heldOut(),
        open.recipe().get(Settings.SEQUENCES),
        count -> open.batch(count, from.known()));
  }

  @Override
  public DatasetInfo facts() {
    return open.facts();
  }

  @Override
  public void save(Path folder, Device device) throws IOException {
    open.save(folder, device);
  }

  @Override
  public EvaluationReport evaluate(Device device, Path other) {
    PairSetup.Evaluated given = open.evaluated(other);
    String name = given.name();
    ContrastData.Encoded evaluated = given.pairs();
    int count = evaluated.heldOut().size();
    if (count < 2) {
      throw new BadInputException(name + " has one pair alone, and nothing to tell it from");
    }
    List<Metric> metrics = new ArrayList<>(open.recall(evaluated));
    EvaluationBatches<PairBatch> batches = heldOut(evaluated);
    try (Scorer<PairBatch, PairInputs> scorer =
        new Scorer<>(device, objective, batches.newBatch())) {
      metrics.add(
          Metric.loss(
              "loss",
              scorer.score(batches, Long.MAX_VALUE).loss(),
              new Metric.Baseline("even chances", even(batches))));
    }
    return new EvaluationReport(name, count, objective.units().labels(), metrics);
  }

  /** Every key as likely as the others. */
  @Override
  public List<Double> ignorances(Device device) {
    return List.of(even(heldOut()));
  }

  private double even(EvaluationBatches<PairBatch> batches) {
    return Ignorance.even(batches, pairs -> pairs, open.plan().loss().form());
  }

  @Override
  public List<Use> uses() {
    return List.of(open.search());
  }

  /** What the model finds nearest to some held-out queries. */
  @Override
  public SampleOutput show(Device device) {
    List<EncodedPair> held = open.pairs().heldOut();
    float[][] left = open.embeddings(held, true);
    float[][] right = open.embeddings(held, false);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < held.size() && i < 3; i++) {
      int best = 0;
      for (int j = 1; j < right.length; j++) {
        if (Embedder.product(left[i], right[j]) > Embedder.product(left[i], right[best])) {
          best = j;
        }
      }
      text.append(open.leftName(held.get(i)))
          .append("\n  -> ")
          .append(open.rightName(held.get(best)))
          .append('\n');
    }
    return new SampleOutput("Nearest to held-out queries:", text.toString().stripTrailing());
  }

  @Override
  public void close() {
    if (guide != null) {
      guide.close();
    }
    open.close();
  }
}
