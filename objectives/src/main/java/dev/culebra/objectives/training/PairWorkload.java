package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.DualEncoder;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.batch.EncodedPair;
import dev.culebra.objectives.batch.HeldOut;
import dev.culebra.objectives.batch.PairBatch;
import dev.culebra.objectives.batch.PairBatches;
import dev.culebra.objectives.batch.Source;
import dev.culebra.objectives.corpus.GroupSplit;
import dev.culebra.objectives.corpus.PictureSize;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.objective.ContrastiveObjective;
import dev.culebra.objectives.objective.PairSlot;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Objectives of pairs: texts beside texts, or pictures beside texts. */
final class PairWorkload implements Workload<PairBatch, PairSlot> {

  /** Members embedded at once when a model is judged. */
  private static final int AT_ONCE = 64;

  private final Recipe recipe;
  private final PairPlan plan;
  private final Path tokenizerFile;
  private final Tokenizer tokenizer;
  private final DualRoom room;
  private final ContrastiveObjective objective;
  private final PairData data;
  private final PairData.Encoded pairs;

  private PairWorkload(
      Recipe recipe,
      PairPlan plan,
      Path tokenizerFile,
      Tokenizer tokenizer,
      DualEncoder model,
      PairData data) {
    this.recipe = recipe;
    this.plan = plan;
    this.tokenizerFile = tokenizerFile;
    this.tokenizer = tokenizer;
    this.room = new DualRoom(model);
    this.objective = new ContrastiveObjective(plan.objective(), model, plan.loss());
    this.data = data;
    this.pairs = data == null ? null : data.encode(room.encoding(tokenizer), split(recipe));
  }

  private static GroupSplit split(Recipe recipe) {
    return new GroupSplit(recipe.get(Settings.HELD_OUT), recipe.get(Settings.SEED));
  }

  /** Prepares or opens the data of a run, and makes its model. */
  static PairWorkload open(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    PairPlan plan = PairPlan.of(recipe);
    if (recipe.get(Settings.SEQUENCES) < 2) {
      throw new BadInputException(
          "A batch of one pair has nothing to tell it from: set batch.sequences to at least 2");
    }
    PictureSize size =
        plan.pictures()
            ? new PictureSize(
                recipe.get(Settings.IMAGE_SIDE), recipe.get(Settings.IMAGE_CHANNELS), true)
            : null;
    List<Path> paths = Samples.paths(recipe, plan.pictures() ? "emoji" : "pairs.tsv");
    PairData data = read(paths, size, recipe, listener);
    Path tokens = folder.resolve(RunFolder.TOKENS);
    Path file = tokens.resolve(ModelFolder.TOKENIZER);
    Tokenizer tokenizer = tokenizer(recipe, plan, tokens, file, data, resume, listener);
    try {
      DualEncoder model = model(recipe, plan, tokenizer, device);
      try {
        PairWorkload work = new PairWorkload(recipe, plan, file, tokenizer, model, data);
        work.training(); // refuses batches that cannot be, before any work is done
        listener.note(
            "data        %s: %,d pairs, %,d of them held out by group"
                .formatted(
                    Samples.described(paths), data.size(), work.pairs.parts().heldOut().size()));
        return work;
      } catch (RuntimeException e) {
        model.close();
        throw e;
      }
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  private static PairData read(
      List<Path> paths, PictureSize size, Recipe recipe, RunListener listener) {
    double bad = recipe.get(Settings.BAD_ROWS);
    return size == null
        ? PairData.texts(paths, bad, listener::note)
        : PairData.pictures(paths, size, bad, listener::note);
  }

  private static Tokenizer tokenizer(
      Recipe recipe,
      PairPlan plan,
      Path folder,
      Path file,
      PairData data,
      boolean resume,
      RunListener listener)
      throws IOException {
    if (resume) {
      return Tokenizers.load(file);
    }
    Files.createDirectories(folder);
    RunFolder.removeFiles(folder); // left by a run that was killed before it began
    RunData.Vocabulary needs = new RunData.Vocabulary(plan.pictures(), 0);
    return RunTokenizer.write(recipe, file, data::texts, needs, listener);
  }

  private static DualEncoder model(
      Recipe recipe, PairPlan plan, Tokenizer tokenizer, Device device) {
    String from = recipe.get(Settings.INIT);
    if (from.isEmpty()) {
      int end = plan.pictures() ? SpecialTokens.in(tokenizer, 0).id(Special.END) : -1;
      DualEncoder model = plan.model(recipe, tokenizer.vocabularySize(), end, device);
      model.parameters().initialize(recipe.get(Settings.SEED));
      return model;
    }
    DualEncoder model =
        ModelFolder.load(
            Generator.modelFolder(Path.of(from)), device, DualEncoder.class, plan.objective());
    boolean bias = model.logits().bias() != null;
    boolean pictures = new DualRoom(model).pictures() != null;
    if (pictures != plan.pictures() || bias != (plan.loss().bias() != null)) {
      String description = model.description();
      model.close();
      throw new BadInputException(
          "model.from %s cannot go on with %s: it holds %s, %s a bias of logits"
              .formatted(from, plan.objective(), description, bias ? "with" : "without"));
    }
    return model;
  }

  /**
   * A trained model, with its run's data if it has a run.
   *
   * @param recipe the run's, or one that fits the model
   */
  static PairWorkload trained(Recipe recipe, Path folder, Device device) {
    Path modelFolder = Generator.modelFolder(folder);
    boolean run = RunFolder.exists(folder);
    DualEncoder model =
        ModelFolder.load(modelFolder, device, DualEncoder.class, recipe.get(Settings.OBJECTIVE));
    try {
      PairPlan plan = plan(recipe, model);
      PictureSize size = new DualRoom(model).pictures();
      PairData data =
          run
              ? read(
                  Samples.paths(recipe, size != null ? "emoji" : "pairs.tsv"),
                  size,
                  recipe,
                  new RunListener() {})
              : null;
      Path file = ModelFolder.tokenizer(modelFolder);
      return new PairWorkload(recipe, plan, file, Tokenizers.load(file), model, data);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** A model without a run may have been trained with either loss: its bias tells. */
  private static PairPlan plan(Recipe recipe, DualEncoder model) {
    PairPlan plan = PairPlan.of(recipe);
    boolean bias = model.logits().bias() != null;
    if (bias == (plan.loss().bias() != null)) {
      return plan;
    }
    return PairPlan.of(recipe.with(Settings.CONTRAST, bias ? "siglip" : "clip"));
  }

  @Override
  public ContrastiveObjective objective() {
    return objective;
  }

  @Override
  public Source<PairBatch> training() {
    return PairBatches.training(
        pairs.parts().training(),
        recipe.get(Settings.SEQUENCES),
        recipe.get(Settings.ACCUMULATION),
        recipe.get(Settings.SEED),
        count -> batch(count, pairs.known()));
  }

  private PairBatch batch(int count, int[][] known) {
    return new PairBatch(
        count,
        recipe.get(Settings.HARD_NEGATIVES),
        recipe.get(Settings.CHUNK),
        room::left,
        room::right,
        known);
  }

  @Override
  public HeldOut<PairBatch> heldOut() {
    return heldOut(pairs);
  }

  private HeldOut<PairBatch> heldOut(PairData.Encoded from) {
    return PairBatches.heldOut(
        from.parts().heldOut(),
        recipe.get(Settings.SEQUENCES),
        count -> batch(count, from.known()));
  }

  @Override
  public Facts facts() {
    return new Facts(data.size(), pairs.tokens(), data.fingerprint());
  }

  @Override
  public void save(Path folder, Device device) throws IOException {
    EmbeddingFolder.save(folder, device, model(), tokenizerFile, tokenizer);
  }

  @Override
  public DualEncoder model() {
    return objective.model();
  }

  @Override
  public EvaluationReport judge(Device device, Path other) {
    if (other == null) {
      return judge(device, "what the run held out", pairs);
    }
    PairData given = read(List.of(other), room.pictures(), recipe, new RunListener() {});
    return judge(device, other.toString(), given.encode(room.encoding(tokenizer), null));
  }

  private EvaluationReport judge(Device device, String name, PairData.Encoded judged) {
    List<EncodedPair> held = judged.parts().heldOut();
    if (held.size() < 2) {
      throw new BadInputException(name + " has one pair alone, and nothing to tell it from");
    }
    List<Metric> metrics =
        new ArrayList<>(
            Recall.both(
                held,
                embeddings(device, held, true),
                embeddings(device, held, false),
                judged.known()));
    HeldOut<PairBatch> batches = heldOut(judged);
    try (Scorer<PairBatch, PairSlot> scorer = new Scorer<>(device, objective, batches.newBatch())) {
      metrics.add(Metric.loss("loss", scorer.score(batches, Long.MAX_VALUE).loss()));
    }
    return new EvaluationReport(name, held.size(), "pairs", metrics);
  }

  private float[][] embeddings(Device device, List<EncodedPair> of, boolean left) {
    try (Embedder embedder =
        new Embedder(device, model(), left, left ? room.left(AT_ONCE) : room.right(AT_ONCE))) {
      return embedder.embed(of.stream().map(pair -> left ? pair.left() : pair.right()).toList());
    }
  }

  /** What the model finds nearest to some held-out queries. */
  @Override
  public Showpiece show(Device device) {
    List<EncodedPair> held = pairs.parts().heldOut();
    float[][] left = embeddings(device, held, true);
    float[][] right = embeddings(device, held, false);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < held.size() && i < 3; i++) {
      int best = 0;
      for (int j = 1; j < right.length; j++) {
        if (Recall.product(left[i], right[j]) > Recall.product(left[i], right[best])) {
          best = j;
        }
      }
      text.append(data.leftName(place(held.get(i))))
          .append("\n  -> ")
          .append(data.rightName(place(held.get(best))))
          .append('\n');
    }
    return new Showpiece("Nearest to held-out queries:", text.toString().stripTrailing());
  }

  private int place(EncodedPair pair) {
    return pairs.all().indexOf(pair);
  }

  @Override
  public void close() {
    model().close();
    tokenizer.close();
  }
}
