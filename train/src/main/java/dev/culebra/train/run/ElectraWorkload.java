package dev.culebra.train.run;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.models.electra.Electra;
import dev.culebra.objectives.text.ElectraInputs;
import dev.culebra.objectives.text.ElectraObjective;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.LabelCounts;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.evaluation.Scorer;
import dev.culebra.train.setup.EvaluationText;
import dev.culebra.train.setup.TextDataset;
import java.util.List;

/** Replaced token detection on running text. */
final class ElectraWorkload extends TextWorkload<PackedExamples, ElectraInputs> {

  private final TextDataset samples;
  private final ElectraObjective objective;

  ElectraWorkload(TextSetup setup) {
    super(setup);
    this.samples = setup.samples();
    this.objective =
        new ElectraObjective(
            (Electra) setup.model(), setup.recipe().crossEntropy(), setup.logitsBudget());
  }

  @Override
  public ElectraObjective objective() {
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

  /** How the discriminator does, against knowing only how often tokens are replaced. */
  @Override
  EvaluationReport report(Device device, EvaluationText evaluated) {
    EvaluationBatches<PackedExamples> heldOut = samples.heldOut(evaluated);
    Tally tally = new Tally();
    Scorer.Score score = tally.score(device, heldOut);
    double share = tally.share();
    Metric.Baseline[] frequent =
        setup.data().hasText()
            ? new Metric.Baseline[] {new Metric.Baseline("unigram", unigram(heldOut))}
            : new Metric.Baseline[0];
    return new EvaluationReport(
        evaluated.name(),
        tally.tokens,
        "tokens",
        List.of(
            Metric.loss(
                "discriminator_loss",
                score.terms().get(1),
                new Metric.Baseline("share of replaced tokens", Ignorance.entropy(share))),
            Metric.share(
                "accuracy",
                (double) tally.hits / tally.tokens,
                new Metric.Baseline("more frequent answer", Math.max(share, 1 - share))),
            Metric.share("found", (double) tally.found / Math.max(1, tally.replaced)),
            Metric.loss("generator_loss", score.terms().getFirst(), frequent)));
  }

  /** How often each token is masked, and how many tokens the generator replaces. */
  @Override
  public List<Double> ignorances(Device device) {
    Tally tally = new Tally();
    tally.score(device, heldOut());
    return List.of(unigram(heldOut()), Ignorance.entropy(tally.share()));
  }

  private double unigram(EvaluationBatches<PackedExamples> heldOut) {
    LabelCounts known =
        Ignorance.counts(
            setup.model().vocabulary(),
            training(),
            TokenEvaluator.BATCHES,
            PackedExamples::encoder);
    return Ignorance.unigram(known, heldOut, PackedExamples::encoder);
  }

  /** What was counted over the held-out data. */
  private final class Tally {
    long tokens;
    long replaced;
    long hits;
    long found;

    /** Counts held-out batches while they are scored. */
    Scorer.Score score(Device device, EvaluationBatches<PackedExamples> heldOut) {
      try (Scorer<PackedExamples, ElectraInputs> scorer =
          new Scorer<>(device, objective, heldOut.newBatch())) {
        return scorer.score(
            heldOut, (tape, slot, host, values) -> add(objective.answers(tape, slot, values)));
      }
    }

    /** The share of tokens that are replaced. */
    double share() {
      return (double) replaced / tokens;
    }

    /** Adds a batch. */
    private void add(ElectraObjective.Answers answers) {
      for (int row = 0; row < answers.logits().length; row++) {
        int target = answers.replaced()[row];
        boolean said = answers.logits()[row] > 0;
        if (target == 0 || target == 1) {
          tokens++;
          replaced += target;
          hits += said == (target == 1) ? 1 : 0;
          found += said && target == 1 ? 1 : 0;
        }
      }
    }
  }

  /** The first held-out text as the discriminator reads it, what it suspects in brackets. */
  @Override
  public SampleOutput show(Device device) {
    EvaluationBatches<PackedExamples> heldOut = heldOut();
    PackedExamples host = heldOut.newBatch();
    heldOut.fill(0, host);
    Buffer stepValues = device.allocate("evaluation values", DType.F32, StepValues.COUNT);
    device.kernels().fill(stepValues, 0);
    try (ElectraInputs slot = objective.slot(device, host);
        Tape tape = Tape.forwardOnly(device)) {
      slot.load(host);
      slot.swap();
      return new SampleOutput(
          "A held-out text with tokens *replaced*, and those it found [doubtful]:",
          marked(objective.answers(tape, slot, stepValues)));
    } finally {
      stepValues.release();
    }
  }

  private String marked(ElectraObjective.Answers answers) {
    StringBuilder text = new StringBuilder();
    for (int row = 1; row < Math.min(60, answers.ids().length); row++) {
      if (answers.replaced()[row] < 0 || setup.specials().isSpecial(answers.ids()[row])) {
        break;
      }
      String token = setup.data().tokenizer().decode(new int[] {answers.ids()[row]});
      String marked = answers.replaced()[row] == 1 ? "*" + token.strip() + "*" : token.strip();
      text.append(token.startsWith(" ") || token.isBlank() ? " " : "")
          .append(answers.logits()[row] > 0 ? "[" + marked + "]" : marked);
    }
    return text.toString();
  }
}
