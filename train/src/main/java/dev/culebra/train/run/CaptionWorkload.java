package dev.culebra.train.run;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.models.dual.ImageTextEncoder;
import dev.culebra.objectives.pairs.CaptionBatch;
import dev.culebra.objectives.pairs.CaptionBatches;
import dev.culebra.objectives.pairs.CaptionInputs;
import dev.culebra.objectives.pairs.CaptionObjective;
import dev.culebra.objectives.pairs.CaptionObjective.Loss;
import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.TextBatch;
import dev.culebra.objectives.pairs.TextBatch.Attention;
import dev.culebra.objectives.text.corruption.MaskedTokens;
import dev.culebra.objectives.text.corruption.Masking;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.LabelCounts;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.evaluation.Metric.Baseline;
import dev.culebra.train.evaluation.Scorer;
import dev.culebra.train.inference.Captioner;
import dev.culebra.train.inference.GenerationOptions;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.ContrastData;
import dev.culebra.train.setup.DatasetInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Captions of images, perhaps beside contrast and masked tokens. */
final class CaptionWorkload implements Workload<CaptionBatch, CaptionInputs> {

  /** Images that are shown. */
  private static final int SHOWN = 4;

  private final PairSetup open;
  private final ImageTextEncoder model;
  private final CaptionObjective objective;

  CaptionWorkload(PairSetup open) {
    this.open = open;
    Recipe recipe = open.recipe();
    if (recipe.get(Settings.CHUNK) != 0
        || recipe.get(Settings.HARD_NEGATIVES) != 0
        || !recipe.get(Settings.GUIDE).isEmpty()) {
      throw new BadInputException(
          "captions are written for whole batches of images: leave out contrast.chunk,"
              + " contrast.hardNegatives and contrast.guide");
    }
    this.model = (ImageTextEncoder) open.model();
    List<Double> weights =
        List.of(
            recipe.get(Settings.WEIGHT_CONTRASTIVE),
            recipe.get(Settings.WEIGHT_CAPTION),
            recipe.get(Settings.WEIGHT_MASKED));
    this.objective = new CaptionObjective(model, open.plan().loss(), weights);
  }

  @Override
  public CaptionObjective objective() {
    return objective;
  }

  private CaptionBatch room(int count, int[][] known) {
    boolean masks = objective.parts().contains(Loss.MASKED);
    SpecialTokens specials = SpecialTokens.in(open.tokenizer(), 0);
    return new CaptionBatch(
        open.batch(count, known, open.room()::captions),
        new TextBatch(masks ? count : 1, model.context(), Attention.WHOLE),
        masks ? new MaskedTokens(Masking.fairseq(), specials) : null);
  }

  @Override
  public TrainingBatches<CaptionBatch> training() {
    Recipe recipe = open.recipe();
    ContrastData.Encoded pairs = open.pairs();
    return CaptionBatches.training(
        pairs.training(),
        recipe.get(Settings.SEQUENCES),
        recipe.get(Settings.ACCUMULATION),
        recipe.get(Settings.SEED),
        count -> room(count, pairs.known()));
  }

  @Override
  public EvaluationBatches<CaptionBatch> heldOut() {
    return heldOut(open.pairs());
  }

  private EvaluationBatches<CaptionBatch> heldOut(ContrastData.Encoded from) {
    Recipe recipe = open.recipe();
    return CaptionBatches.heldOut(
        from.heldOut(),
        recipe.get(Settings.SEQUENCES),
        recipe.get(Settings.SEED),
        count -> room(count, from.known()));
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
    EvaluationBatches<CaptionBatch> batches = heldOut(evaluated);
    List<Tally> tallies =
        objective.parts().stream()
            .map(part -> new Tally(part == Loss.CONTRASTIVE ? null : known(part)))
            .toList();
    int end = SpecialTokens.in(open.tokenizer(), 0).id(Special.END);
    IntPredicate counts = label -> label != end; // every caption has one
    Scorer.Score score;
    try (Scorer<CaptionBatch, CaptionInputs> scorer =
        new Scorer<>(device, objective, batches.newBatch())) {
      score =
          scorer.score(
              batches,
              (tape, slot, host, values) -> {
                long[] hits = objective.hits(tape, slot, host, values, counts);
                for (int i = 0; i < hits.length; i++) {
                  tallies.get(i).add(hits[i], rows(host, objective.parts().get(i)), counts);
                }
              });
    }
    List<Metric> metrics = new ArrayList<>();
    double trivial = 0;
    for (int term = 0; term < objective.parts().size(); term++) {
      Loss part = objective.parts().get(term);
      double weight = objective.terms().get(term).weight();
      if (part == Loss.CONTRASTIVE) {
        metrics.addAll(open.recall(evaluated));
        double even = even(batches);
        trivial += weight * even;
        metrics.add(
            Metric.loss(
                "contrastive_loss", score.terms().get(term), new Baseline("even chances", even)));
      } else {
        trivial += weight * tallies.get(term).unigram();
        metrics.addAll(tokens(part, tallies.get(term), score.terms().get(term)));
      }
    }
    metrics.add(
        Double.isNaN(trivial)
            ? Metric.loss("loss", score.loss())
            : Metric.loss("loss", score.loss(), new Baseline("sum of these", trivial)));
    int count = evaluated.heldOut().size();
    return new EvaluationReport(name, count, objective.units().inputs(), metrics);
  }

  /** What was counted over the held-out data of a part that asks tokens. */
  private static final class Tally {
    final LabelCounts known;
    long labels;
    long counted;
    long hits;
    long most;
    double unigram;

    /** Counts beside how often each label is asked for in training; null if nobody knows. */
    Tally(LabelCounts known) {
      this.known = known;
    }

    /** The loss of a model that knows how often each label is asked for; NaN if nobody knows. */
    double unigram() {
      return known == null ? Double.NaN : unigram / labels;
    }

    /** Adds a batch; null for one without tokens. */
    void add(long found, Batch rows, IntPredicate counts) {
      hits += found;
      labels += rows == null ? 0 : rows.labelCount();
      int frequent = known == null ? -1 : known.mostFrequent(counts);
      for (int j = 0; rows != null && j < rows.labelCount(); j++) {
        int label = rows.labels()[rows.labelPositions()[j]];
        counted += counts.test(label) ? 1 : 0;
        unigram -= known == null ? 0 : Math.log(known.probability(label));
        most += label == frequent ? 1 : 0;
      }
    }
  }

  /** Loss and accuracy of labelled tokens beside how often each one is asked for. */
  private static List<Metric> tokens(Loss part, Tally tally, double loss) {
    double accuracy = (double) tally.hits / tally.counted;
    if (tally.known == null) {
      return List.of(
          Metric.loss(part.term() + "_loss", loss),
          Metric.share(part.term() + "_accuracy", accuracy));
    }
    Baseline unigram = new Baseline("unigram", tally.unigram());
    Baseline most = new Baseline("most frequent token", (double) tally.most / tally.counted);
    return List.of(
        Metric.loss(part.term() + "_loss", loss, unigram),
        Metric.share(part.term() + "_accuracy", accuracy, most));
  }

  /** The rows of a part's tokens; null where it asks none. */
  private static Batch rows(CaptionBatch batch, Loss part) {
    return switch (part) {
      case CONTRASTIVE -> null;
      case CAPTION -> batch.captions().rows();
      case MASKED -> batch.masked().rows();
    };
  }

  /** How often each label is asked for in an epoch of training; null without training data. */
  private LabelCounts known(Loss part) {
    if (open.pairs() == null) {
      return null;
    }
    TrainingBatches<CaptionBatch> source = training();
    int all = open.pairs().training().size();
    int steps = Math.ceilDiv(all, source.newBatch().pairs().capacity());
    return Ignorance.counts(model.vocabulary(), source, steps, batch -> rows(batch, part));
  }

  private double even(EvaluationBatches<CaptionBatch> batches) {
    return Ignorance.even(batches, CaptionBatch::pairs, open.plan().loss().form());
  }

  /** Every image as likely as the others, every token as likely as it is frequent. */
  @Override
  public List<Double> ignorances(Device device) {
    EvaluationBatches<CaptionBatch> held = heldOut();
    return objective.parts().stream()
        .map(
            part ->
                part == Loss.CONTRASTIVE
                    ? even(held)
                    : Ignorance.unigram(known(part), held, batch -> rows(batch, part)))
        .toList();
  }

  @Override
  public List<Use> uses() {
    List<Use> uses = new ArrayList<>();
    if (objective.parts().contains(Loss.CAPTION)) {
      LabelledImage image = ((EncoderInput.Image) open.pairs().heldOut().getFirst().left()).image();
      Uses.caption(image).ifPresent(uses::add);
    }
    if (objective.parts().contains(Loss.CONTRASTIVE)) {
      uses.add(open.search());
    }
    return uses;
  }

  /** What it writes to some held-out images, beside their own captions. */
  @Override
  public SampleOutput show(Device device) {
    if (!objective.parts().contains(Loss.CAPTION)) {
      return null;
    }
    List<EncodedPair> held = open.pairs().heldOut();
    int count = Math.min(SHOWN, held.size());
    StringBuilder text = new StringBuilder();
    try (Captioner captioner = new Captioner(device, open.room(), open.tokenizer())) {
      for (int i = 0; i < count; i++) {
        EncodedPair pair = held.get(i * held.size() / count);
        LabelledImage image = ((EncoderInput.Image) pair.left()).image();
        GenerationOptions likeliest = new GenerationOptions(model.context(), 0, 0, 1, 1);
        text.append(open.rightName(pair))
            .append("\n  -> ")
            .append(captioner.write(image, "", likeliest).text())
            .append('\n');
      }
    }
    return new SampleOutput(
        "Captions of held-out images, and what it writes:", text.toString().stripTrailing());
  }

  @Override
  public void close() {
    open.close();
  }
}
