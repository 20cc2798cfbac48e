package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.ImageTextEncoder;
import dev.culebra.objectives.baseline.LabelCounts;
import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.batch.CaptionBatch;
import dev.culebra.objectives.batch.CaptionBatches;
import dev.culebra.objectives.batch.EncodedPair;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.Member;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.batch.TextMembers;
import dev.culebra.objectives.batch.TextMembers.Attention;
import dev.culebra.objectives.corpus.Picture;
import dev.culebra.objectives.corruption.MaskedTokens;
import dev.culebra.objectives.corruption.Masking;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.data.ContrastData;
import dev.culebra.objectives.data.Facts;
import dev.culebra.objectives.evaluation.EvaluationReport;
import dev.culebra.objectives.evaluation.Metric;
import dev.culebra.objectives.evaluation.Metric.Baseline;
import dev.culebra.objectives.evaluation.Scorer;
import dev.culebra.objectives.inference.Captioner;
import dev.culebra.objectives.inference.GenerationOptions;
import dev.culebra.objectives.objective.CaptionObjective;
import dev.culebra.objectives.objective.CaptionObjective.Part;
import dev.culebra.objectives.objective.CaptionSlot;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Captions of pictures, perhaps beside contrast and masked tokens. */
final class CaptionWorkload implements Workload<CaptionBatch, CaptionSlot> {

  /** Pictures that are shown. */
  private static final int SHOWN = 4;

  private final OpenPairs open;
  private final ImageTextEncoder model;
  private final CaptionObjective objective;

  CaptionWorkload(OpenPairs open) {
    this.open = open;
    Recipe recipe = open.recipe();
    if (recipe.get(Settings.CHUNK) != 0
        || recipe.get(Settings.HARD_NEGATIVES) != 0
        || !recipe.get(Settings.GUIDE).isEmpty()) {
      throw new BadInputException(
          "captions are written for whole batches of pictures: leave out contrast.chunk,"
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
    boolean masks = objective.parts().contains(Part.MASKED);
    SpecialTokens specials = SpecialTokens.in(open.tokenizer(), 0);
    return new CaptionBatch(
        open.batch(count, known, open.room()::captions),
        new TextMembers(masks ? count : 1, model.context(), Attention.WHOLE),
        masks ? new MaskedTokens(Masking.fairseq(), specials) : null);
  }

  @Override
  public Source<CaptionBatch> training() {
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
  public HeldOut<CaptionBatch> heldOut() {
    return heldOut(open.pairs());
  }

  private HeldOut<CaptionBatch> heldOut(ContrastData.Encoded from) {
    Recipe recipe = open.recipe();
    return CaptionBatches.heldOut(
        from.heldOut(),
        recipe.get(Settings.SEQUENCES),
        recipe.get(Settings.SEED),
        count -> room(count, from.known()));
  }

  @Override
  public Facts facts() {
    return open.facts();
  }

  @Override
  public void save(Path folder, Device device) throws IOException {
    open.save(folder, device);
  }

  @Override
  public EvaluationReport judge(Device device, Path other) {
    OpenPairs.Judged given = open.judged(other);
    String name = given.name();
    ContrastData.Encoded judged = given.pairs();
    HeldOut<CaptionBatch> batches = heldOut(judged);
    List<Tally> tallies =
        objective.parts().stream()
            .map(part -> new Tally(part == Part.CONTRASTIVE ? null : known(part)))
            .toList();
    int end = SpecialTokens.in(open.tokenizer(), 0).id(Special.END);
    IntPredicate counts = label -> label != end; // every caption has one
    Scorer.Score score;
    try (Scorer<CaptionBatch, CaptionSlot> scorer =
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
      Part part = objective.parts().get(term);
      double weight = objective.terms().get(term).weight();
      if (part == Part.CONTRASTIVE) {
        metrics.addAll(open.recall(judged));
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
    int count = judged.heldOut().size();
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
  private static List<Metric> tokens(Part part, Tally tally, double loss) {
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
  private static Batch rows(CaptionBatch batch, Part part) {
    return switch (part) {
      case CONTRASTIVE -> null;
      case CAPTION -> batch.captions().rows();
      case MASKED -> batch.masked().rows();
    };
  }

  /** How often each label is asked for in an epoch of training; null without training data. */
  private LabelCounts known(Part part) {
    if (open.pairs() == null) {
      return null;
    }
    Source<CaptionBatch> source = training();
    int all = open.pairs().training().size();
    int steps = Math.ceilDiv(all, source.newBatch().pairs().capacity());
    return Ignorance.counts(model.vocabulary(), source, steps, batch -> rows(batch, part));
  }

  private double even(HeldOut<CaptionBatch> batches) {
    return Ignorance.even(batches, CaptionBatch::pairs, open.plan().loss().form());
  }

  /** Every picture as likely as the others, every token as likely as it is frequent. */
  @Override
  public List<Double> ignorances(Device device) {
    HeldOut<CaptionBatch> held = heldOut();
    return objective.parts().stream()
        .map(
            part ->
                part == Part.CONTRASTIVE
                    ? even(held)
                    : Ignorance.unigram(known(part), held, batch -> rows(batch, part)))
        .toList();
  }

  @Override
  public List<Use> uses() {
    List<Use> uses = new ArrayList<>();
    if (objective.parts().contains(Part.CAPTION)) {
      Picture picture = ((Member.Image) open.pairs().heldOut().getFirst().left()).picture();
      Uses.caption(picture).ifPresent(uses::add);
    }
    if (objective.parts().contains(Part.CONTRASTIVE)) {
      uses.add(open.search());
    }
    return uses;
  }

  /** What it writes to some held-out pictures, beside their own captions. */
  @Override
  public Showpiece show(Device device) {
    if (!objective.parts().contains(Part.CAPTION)) {
      return null;
    }
    List<EncodedPair> held = open.pairs().heldOut();
    int count = Math.min(SHOWN, held.size());
    StringBuilder text = new StringBuilder();
    try (Captioner captioner = new Captioner(device, open.room(), open.tokenizer())) {
      for (int i = 0; i < count; i++) {
        EncodedPair pair = held.get(i * held.size() / count);
        Picture picture = ((Member.Image) pair.left()).picture();
        GenerationOptions likeliest = new GenerationOptions(model.context(), 0, 0, 1, 1);
        text.append(open.rightName(pair))
            .append("\n  -> ")
            .append(captioner.write(picture, "", likeliest).text())
            .append('\n');
      }
    }
    return new Showpiece(
        "Captions of held-out pictures, and what it writes:", text.toString().stripTrailing());
  }

  @Override
  public void close() {
    open.close();
  }
}
