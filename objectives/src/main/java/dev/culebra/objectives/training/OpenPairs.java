package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.DualEncoder;
import dev.culebra.objectives.architecture.ImageTextShape;
import dev.culebra.objectives.architecture.ImageTextShape.Design;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.architecture.TrainedStart;
import dev.culebra.objectives.batch.EncodedPair;
import dev.culebra.objectives.batch.GroupSplit;
import dev.culebra.objectives.batch.Member;
import dev.culebra.objectives.batch.Members;
import dev.culebra.objectives.batch.PairBatch;
import dev.culebra.objectives.corpus.PictureSize;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.data.ContrastData;
import dev.culebra.objectives.data.DataSource;
import dev.culebra.objectives.data.DiffusionData;
import dev.culebra.objectives.data.Facts;
import dev.culebra.objectives.data.RunTokenizer;
import dev.culebra.objectives.data.TokenFolder;
import dev.culebra.objectives.evaluation.Metric;
import dev.culebra.objectives.evaluation.Recall;
import dev.culebra.objectives.image.PreprocessorConfig;
import dev.culebra.objectives.inference.DualRoom;
import dev.culebra.objectives.inference.Embedder;
import dev.culebra.objectives.inference.EmbeddingFolder;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.RunFolder;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.objectives.task.Continued;
import dev.culebra.objectives.task.PairPlan;
import dev.culebra.objectives.task.Vocabulary;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * A dual encoder with its tokenizer, and its pairs if it has a run: what workloads of pairs share.
 */
final class OpenPairs implements AutoCloseable {

  /** Members embedded at once when a model is judged. */
  private static final int AT_ONCE = 64;

  private static final RunListener QUIET = new RunListener() {};

  private final Device device;
  private final Recipe recipe;
  private final PairPlan plan;
  private final Path tokenizerFile;
  private final Tokenizer tokenizer;
  private final DualEncoder model;
  private final DualRoom room;
  private final ContrastData data;
  private final ContrastData.Encoded pairs;
  private final RunListener listener;
  private final boolean owns;
  private final String tokenizerSum;

  private OpenPairs(
      Recipe recipe,
      PairPlan plan,
      Path tokenizerFile,
      Tokenizer tokenizer,
      DualRoom room,
      Device device,
      ContrastData data,
      RunListener listener,
      boolean owns,
      String tokenizerSum) {
    this.listener = listener;
    this.tokenizerSum = tokenizerSum;
    this.owns = owns;
    this.device = device;
    this.recipe = recipe;
    this.plan = plan;
    this.tokenizerFile = tokenizerFile;
    this.tokenizer = tokenizer;
    this.model = room.model();
    this.room = room;
    this.data = data;
    GroupSplit split = new GroupSplit(recipe.get(Settings.HELD_OUT), recipe.get(Settings.SEED));
    this.pairs = data == null ? null : data.encode(room.encoding(tokenizer), split);
  }

  /** Refuses a recipe that cannot be, before any work is done. */
  static PairPlan check(Recipe recipe) {
    PairPlan plan = PairPlan.of(recipe);
    if (plan.contrasts() && recipe.get(Settings.SEQUENCES) < 2) {
      throw new BadInputException(
          "A batch of one pair has nothing to tell it from: set batch.sequences to at least 2");
    }
    plan.check(recipe);
    return plan;
  }

  /** Prepares or opens the data of a run, and makes its model. */
  static OpenPairs open(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    PairPlan plan = check(recipe);
    PictureSize size = plan.pictures() ? pictures(recipe, plan) : null;
    ContrastData data = read(sources(recipe, plan.pictures()), size, recipe, listener::note);
    Path tokens = folder.resolve(RunFolder.TOKENS);
    Path file = tokens.resolve(ModelFolder.TOKENIZER);
    Tokenizer tokenizer = tokenizer(recipe, plan, tokens, file, data, resume, listener);
    try {
      DualEncoder model = model(recipe, plan, tokenizer, device, listener);
      try {
        DualRoom room = new DualRoom(model, size == null ? null : size.how());
        OpenPairs work =
            new OpenPairs(
                recipe, plan, file, tokenizer, room, device, data, listener, true, sum(tokens));
        work.describe();
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

  /**
   * Pairs of texts beside other text of a model, which its own workload closes.
   *
   * @param recipe of the pairs alone
   * @param data null for a model without a run
   */
  static OpenPairs beside(
      Recipe recipe, TextSetup setup, ContrastData data, Device device, RunListener listener) {
    OpenPairs work =
        new OpenPairs(
            recipe,
            PairPlan.of(recipe),
            setup.data().tokenizerFile(),
            setup.data().tokenizer(),
            new DualRoom(setup.all().towers(), null),
            device,
            data,
            listener,
            false,
            "");
    if (data != null) {
      work.describe();
    }
    return work;
  }

  /** Reads the pairs of texts of a recipe. */
  static ContrastData texts(Recipe recipe, RunListener listener) {
    return read(sources(recipe, false), null, recipe, listener::note);
  }

  private void describe() {
    data.describe(pairs.heldOut().size(), listener::note);
    if (!pairs.exceptions().isEmpty()) {
      listener.note(
          Format.text("exceptions  %s: %s", recipe.get(Settings.EXCEPTIONS), pairs.exceptions()));
    }
  }

  /** What the pictures of a run are brought to: what its model or its start reads. */
  private static PictureSize pictures(Recipe recipe, PairPlan plan) {
    PictureSize size = DiffusionData.size(recipe);
    if (!Continued.from(recipe)) {
      return size.by(DualRoom.fresh(Design.of(plan.family()), size.side(), size.channels()));
    }
    Path start = Continued.folder(recipe);
    ImageTextShape known = TrainedStart.pictureShape(start, plan.family());
    if (known.image() != size.side() || known.channels() != size.channels()) {
      throw new BadInputException(
          Format.text(
              "model.from %s reads pictures of %d x %d with %d channels: set image.side and"
                  + " image.channels so",
              recipe.get(Settings.INIT), known.image(), known.image(), known.channels()));
    }
    return size.by(PreprocessorConfig.read(start).requiring(start, size.side(), size.channels()));
  }

  private static List<DataSource> sources(Recipe recipe, boolean pictures) {
    return DataSource.of(recipe, ContrastData.sample(pictures));
  }

  private static ContrastData read(
      List<DataSource> sources, PictureSize size, Recipe recipe, Consumer<String> notes) {
    return size == null
        ? ContrastData.texts(sources, recipe, notes)
        : ContrastData.pictures(
            sources, size.resizing(recipe.get(Settings.IMAGE_RESIZE)), recipe, notes);
  }

  private static Tokenizer tokenizer(
      Recipe recipe,
      PairPlan plan,
      Path folder,
      Path file,
      ContrastData data,
      boolean resume,
      RunListener listener)
      throws IOException {
    if (resume) {
      return Tokenizers.load(file);
    }
    TokenFolder.begin(folder);
    Vocabulary needs = new Vocabulary(plan.pictures(), 0);
    return RunTokenizer.write(recipe, file, data::texts, needs, listener::note);
  }

  private static DualEncoder model(
      Recipe recipe, PairPlan plan, Tokenizer tokenizer, Device device, RunListener listener) {
    int end = plan.pictures() ? SpecialTokens.in(tokenizer, 0).id(Special.END) : -1;
    if (!Continued.from(recipe)) {
      DualEncoder model = plan.model(recipe, tokenizer.vocabularySize(), end, device);
      model.parameters().initialize(recipe.get(Settings.SEED));
      return model;
    }
    return Continued.begin(
        recipe, tokenizer, listener::note, start -> plan.model(recipe, start, end, device));
  }

  /**
   * A trained model, with its run's data if it has a run.
   *
   * @param recipe the run's, or one that fits the model
   */
  static OpenPairs trained(Recipe recipe, Path folder, Device device) {
    Path modelFolder = RunFolder.modelIn(folder);
    boolean run = RunFolder.exists(folder);
    DualEncoder model =
        ModelFolder.load(modelFolder, device, DualEncoder.class, recipe.get(Settings.OBJECTIVE));
    try {
      PairPlan plan = plan(recipe, model);
      DualRoom room = DualRoom.of(model, modelFolder);
      PictureSize size = room.pictures();
      ContrastData data =
          run ? read(sources(recipe, size != null), size, recipe, QUIET::note) : null;
      Path file = ModelFolder.tokenizer(modelFolder);
      return new OpenPairs(
          recipe,
          plan,
          file,
          Tokenizers.load(file),
          room,
          device,
          data,
          QUIET,
          true,
          run ? sum(folder.resolve(RunFolder.TOKENS)) : "");
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

  Recipe recipe() {
    return recipe;
  }

  PairPlan plan() {
    return plan;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  DualEncoder model() {
    return model;
  }

  DualRoom room() {
    return room;
  }

  Path tokenizerFile() {
    return tokenizerFile;
  }

  Device device() {
    return device;
  }

  /** Tells whoever watches the run. */
  void note(String line) {
    listener.note(line);
  }

  /** Pairs of the run. */
  ContrastData.Encoded pairs() {
    return pairs;
  }

  /**
   * What a model is judged by.
   *
   * @param name where it was read, and what was left out
   */
  record Judged(String name, ContrastData.Encoded pairs) {}

  /**
   * Pairs to judge by.
   *
   * @param other all of this data; null for what the run held out
   */
  Judged judged(Path other) {
    if (other == null) {
      return new Judged("what the run held out", pairs);
    }
    StringJoiner left = new StringJoiner("; ", other + " (", ")");
    left.setEmptyValue(other.toString());
    ContrastData given = read(List.of(DataSource.of(other)), room.pictures(), recipe, left::add);
    return new Judged(left.toString(), given.encode(room.encoding(tokenizer), null));
  }

  /** Room for so many pairs. */
  PairBatch batch(int count, int[][] known) {
    return batch(count, known, room::right);
  }

  /**
   * Room for so many pairs.
   *
   * @param right makes room for keys
   */
  PairBatch batch(int count, int[][] known, IntFunction<Members> right) {
    return new PairBatch(
        count,
        recipe.get(Settings.HARD_NEGATIVES),
        recipe.get(Settings.CHUNK),
        room::left,
        right,
        known);
  }

  /** The embeddings of one side. */
  float[][] embeddings(List<EncodedPair> of, boolean left) {
    List<Member> members = of.stream().map(pair -> left ? pair.left() : pair.right()).toList();
    return embeddings(model, members, left);
  }

  /** The embeddings of one side by any model that reads the same. */
  float[][] embeddings(DualEncoder by, List<Member> members, boolean left) {
    try (Embedder embedder =
        new Embedder(device, by, left, left ? room.left(AT_ONCE) : room.right(AT_ONCE))) {
      return embedder.embed(members);
    }
  }

  /** Recall in both directions over held-out pairs. */
  List<Metric> recall(ContrastData.Encoded judged) {
    List<EncodedPair> held = judged.heldOut();
    return Recall.both(held, embeddings(held, true), embeddings(held, false), judged.known());
  }

  /** A search for a held-out text. */
  Workload.Use search() {
    EncodedPair held = pairs.heldOut().getFirst();
    return Uses.search(plan.pictures() ? rightName(held) : leftName(held));
  }

  /** The left side of a pair of the run, for people. */
  String leftName(EncodedPair pair) {
    return data.leftName(pairs.all().indexOf(pair));
  }

  /** The right side of a pair of the run, for people. */
  String rightName(EncodedPair pair) {
    return data.rightName(pairs.all().indexOf(pair));
  }

  Facts facts() {
    String numbers =
        room.how() == null ? "" : Format.text("-%x", room.how().normalisation().hashCode());
    return new Facts(data.size(), pairs.tokens(), data.fingerprint() + numbers + tokenizerSum);
  }

  private static String sum(Path tokens) {
    return "-" + TokenFolder.sum(tokens.resolve(ModelFolder.TOKENIZER));
  }

  void save(Path folder, Device device) throws IOException {
    EmbeddingFolder.save(folder, device, model, room.how(), tokenizerFile, tokenizer);
  }

  @Override
  public void close() {
    if (owns) {
      model.close();
      tokenizer.close();
    }
  }
}
