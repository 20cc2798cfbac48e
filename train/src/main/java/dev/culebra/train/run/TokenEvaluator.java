package dev.culebra.train.run;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.token.ByteLevelBpe;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.objectives.text.PackedExamples;
import dev.culebra.objectives.text.PackedInputs;
import dev.culebra.objectives.text.TokenObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.evaluation.BigramBaseline;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.LabelCounts;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.evaluation.Metric.Baseline;
import dev.culebra.train.evaluation.PairCounts;
import dev.culebra.train.evaluation.Scorer;
import dev.culebra.train.evaluation.UnigramBaseline;
import dev.culebra.train.setup.ObjectiveMix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Loss and accuracy of an objective of text, beside models that know how often each label occurs,
 * and no more.
 */
final class TokenEvaluator {

  /** Labels of how many training batches the baselines count. */
  static final int BATCHES = 50;

  private final TokenObjective objective;
  private final Device device;

  private final IntPredicate counts;

  /**
   * A judge.
   *
   * @param frame the tokens that begin and end what is written beside a source, which every output
   *     has and accuracy does not count
   */
  TokenEvaluator(TokenObjective objective, Set<Integer> frame, Device device) {
    this.objective = objective;
    this.device = device;
    this.counts = label -> !frame.contains(label);
  }

  /** A judge of a task's tokens. */
  static TokenEvaluator of(
      TokenObjective objective, TextSetup setup, ObjectiveMix task, Device device) {
    return new TokenEvaluator(
        objective, task.writesOutputs() ? frame(setup.specials()) : Set.of(), device);
  }

  private static Set<Integer> frame(SpecialTokens specials) {
    Set<Integer> frame = new HashSet<>(Set.of(specials.id(Special.END)));
    for (int id : specials.opening()) {
      frame.add(id);
    }
    return frame;
  }

  /** What was counted over the held-out data. */
  private static final class Tally {
    long labels;
    long counted;
    long hits;
    double baselineLoss;
    long baselineHits;
    long samples;
    long sampleHits;
    final long[] answers = new long[2];
    long leftOut;

    /** Adds a batch. */
    void add(
        TokenObjective.Hits found,
        Batch asked,
        PackedExamples host,
        LabelCounts known,
        IntPredicate counts) {
      leftOut += host.leftOut();
      hits += found.tokens();
      sampleHits += found.samples();
      labels += asked.labelCount();
      int most = known == null ? -1 : known.mostFrequent(counts);
      for (int j = 0; j < asked.labelCount(); j++) {
        int label = asked.labels()[asked.labelPositions()[j]];
        counted += counts.test(label) ? 1 : 0;
        if (known != null) {
          baselineLoss -= Math.log(known.probability(label));
          baselineHits += label == most ? 1 : 0;
        }
      }
      for (int label : host.labels()) {
        if (label != Batch.IGNORE) {
          samples++;
          answers[label]++;
        }
      }
    }
  }

  /**
   * Judges the model.
   *
   * @param name of the data
   * @param heldOut what to score all of
   * @param training whose labels the baselines know; null for no baselines
   * @param causal what else there is to measure; null for nothing
   */
  EvaluationReport evaluate(
      String name,
      EvaluationBatches<PackedExamples> heldOut,
      TrainingBatches<PackedExamples> training,
      CausalMeasure causal) {
    Tally tally = new Tally();
    LabelCounts known = training == null ? null : counts(training);
    Scorer.Score score;
    try (Scorer<PackedExamples, PackedInputs> scorer =
        new Scorer<>(device, objective, heldOut.newBatch())) {
      score =
          scorer.score(
              heldOut,
              (tape, slot, host, values) -> {
                TokenObjective.Hits hits = objective.hits(tape, slot, host, values, counts);
                tally.add(hits, objective.asked(host), host, known, counts);
              });
    }
    if (score.count() == 0) {
      throw new BadInputException(name + " has no token to score");
    }
    List<Metric> metrics = new ArrayList<>();
    if (tally.labels > 0) {
      metrics.addAll(tokens(score.terms().getFirst(), tally, training != null, causal));
    }
    if (tally.samples > 0) {
      metrics.addAll(0, samples(objective.terms().get(1).name(), score.terms().get(1), tally));
    }
    boolean tokens = tally.labels > 0;
    String left = tally.leftOut == 0 ? "" : Format.text(" (%,d found no room)", tally.leftOut);
    return new EvaluationReport(
        name + left, tokens ? tally.labels : tally.samples, tokens ? "tokens" : "pairs", metrics);
  }

  private static List<Metric> tokens(
      double loss, Tally tally, boolean known, CausalMeasure causal) {
    List<Baseline> losses = new ArrayList<>();
    List<Baseline> accuracies = new ArrayList<>();
    if (known && causal != null) {
      PairCounts pairs = causal.pairs().get();
      EvaluationBatches<Batch> windows = causal.windows();
      losses.add(new Baseline("bigram", new BigramBaseline(pairs).meanLoss(windows)));
      losses.add(new Baseline("unigram", new UnigramBaseline(pairs).meanLoss(windows)));
    } else if (known) {
      losses.add(new Baseline("unigram", tally.baselineLoss / tally.labels));
    }
    if (known && tally.counted > 0) {
      double most = (double) tally.baselineHits / tally.counted;
      accuracies.add(new Baseline("most frequent token", most));
    }
    List<Baseline> perplexities =
        losses.stream().map(b -> new Baseline(b.name(), Math.exp(b.value()))).toList();
    List<Metric> metrics = new ArrayList<>();
    metrics.add(Metric.loss("loss", loss, losses.toArray(Baseline[]::new)));
    metrics.add(
        Metric.number("perplexity", Math.exp(loss), false, perplexities.toArray(Baseline[]::new)));
    if (tally.counted > 0) {
      metrics.add(
          Metric.share(
              "accuracy",
              (double) tally.hits / tally.counted,
              accuracies.toArray(Baseline[]::new)));
    }
    if (causal != null && causal.tokenizer() instanceof ByteLevelBpe) {
      long bytes = causal.labelBytes();
      metrics.add(Metric.number("bits_per_byte", loss * tally.labels / Math.log(2) / bytes, false));
    }
    return metrics;
  }

  private static List<Metric> samples(String name, double loss, Tally tally) {
    long most = Math.max(tally.answers[0], tally.answers[1]);
    return List.of(
        Metric.share(
            name + "_accuracy",
            (double) tally.sampleHits / tally.samples,
            new Baseline("more frequent answer", (double) most / tally.samples)),
        Metric.loss(name + "_loss", loss, new Baseline("even chances", Ignorance.COIN)));
  }

  /**
   * The loss of each term on held-out data of a model that knows how often each label is asked for
   * in training, and of pairs of texts nothing.
   */
  List<Double> ignorances(
      EvaluationBatches<PackedExamples> heldOut, TrainingBatches<PackedExamples> training) {
    List<Double> losses = new ArrayList<>();
    losses.add(Ignorance.unigram(counts(training), heldOut, objective::asked));
    objective.terms().stream().skip(1).forEach(_ -> losses.add(Ignorance.COIN));
    return losses;
  }

  /** How often each label is asked for in training. */
  private LabelCounts counts(TrainingBatches<PackedExamples> source) {
    return Ignorance.counts(objective.model().vocabulary(), source, BATCHES, objective::asked);
  }
}
