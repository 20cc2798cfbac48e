package dev.culebra.train.run;

import dev.culebra.data.image.PreprocessorConfig;
import dev.culebra.data.read.GroupSplit;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.TokenFolder;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.PretrainedModel;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.ImageTextShape;
import dev.culebra.models.dual.ImageTextShape.Design;
import dev.culebra.objectives.pairs.DualEncoderProcessor;
import dev.culebra.objectives.pairs.EncodedPair;
import dev.culebra.objectives.pairs.EncoderBatch;
import dev.culebra.objectives.pairs.EncoderInput;
import dev.culebra.objectives.pairs.PairBatch;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.evaluation.Recall;
import dev.culebra.train.inference.Embedder;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.ContrastData;
import dev.culebra.train.setup.DataSource;
import dev.culebra.train.setup.DatasetInfo;
import dev.culebra.train.setup.DiffusionData;
import dev.culebra.train.setup.EmbeddingFolder;
import dev.culebra.train.setup.PairObjectiveConfig;
import dev.culebra.train.setup.Pretrained;
import dev.culebra.train.setup.RunTokenizer;
import dev.culebra.train.setup.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * A dual encoder with its tokenizer, and its pairs if it has a run: what workloads of pairs share.
 */
final class PairSetup implements AutoCloseable {

  /** Members embedded at once when a model is judged. */
  private static final int AT_ONCE = 64;

  private static final RunListener QUIET = new RunListener() {};

  private final Device device;
  private final Recipe recipe;
  private final PairObjectiveConfig plan;
  private final Path tokenizerFile;
  private final Tokenizer tokenizer;
  private final DualEncoder model;
  private final DualEncoderProcessor room;
  private final ContrastData data;
  private final ContrastData.Encoded pairs;
  private final RunListener listener;
  private final boolean owns;
  private final String tokenizerSum;

  private PairSetup(
      Recipe recipe,
      PairObjectiveConfig plan,
      Path tokenizerFile,
      Tokenizer tokenizer,
      DualEncoderProcessor room,
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
  static PairObjectiveConfig check(Recipe recipe) {
    PairObjectiveConfig plan = PairObjectiveConfig.of(recipe);
    if (plan.contrasts() && recipe.get(Settings.SEQUENCES) < 2) {
      throw new BadInputException(
          "A batch of one pair has nothing to tell it from: set batch.sequences to at least 2");
    }
    plan.check(recipe);
    return plan;
  }

  /** Prepares or opens the data of a run, and makes its model. */
  static PairSetup open(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    PairObjectiveConfig plan = check(recipe);
    ImageSize size = plan.images() ? images(recipe, plan) : null;
    ContrastData data = read(sources(recipe, plan.images()), size, recipe, listener::note);
    Path tokens = folder.resolve(RunFolder.TOKENS);
    Path file = tokens.resolve(ModelFolder.TOKENIZER);
    Tokenizer tokenizer = tokenizer(recipe, plan, tokens, file, data, resume, listener);
    try {
      DualEncoder model = model(recipe, plan, tokenizer, device, listener);
      try {
        DualEncoderProcessor room =
            new DualEncoderProcessor(model, size == null ? null : size.how());
        PairSetup work =
            new PairSetup(
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
  static PairSetup beside(
      Recipe recipe, TextSetup setup, ContrastData data, Device device, RunListener listener) {
    PairSetup work =
        new PairSetup(
            recipe,
            PairObjectiveConfig.of(recipe),
            setup.data().tokenizerFile(),
            setup.data().tokenizer(),
            new DualEncoderProcessor(setup.all().towers(), null),
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

  /** What the images of a run are brought to: what its model or its start reads. */
  private static ImageSize images(Recipe recipe, PairObjectiveConfig plan) {
    ImageSize size = DiffusionData.size(recipe);
    if (!Pretrained.from(recipe)) {
      return size.by(
          DualEncoderProcessor.fresh(Design.of(plan.family()), size.side(), size.channels()));
    }
    Path start = Pretrained.folder(recipe);
    ImageTextShape known = PretrainedModel.imageShape(start, plan.family());
    if (known.image() != size.side() || known.channels() != size.channels()) {
      throw new BadInputException(
          Format.text(
              "model.from %s reads images of %d x %d with %d channels: set image.side and"
                  + " image.channels so",
              recipe.get(Settings.INIT), known.image(), known.image(), known.channels()));
    }
    return size.by(PreprocessorConfig.read(start).requiring(start, size.side(), size.channels()));
  }

  private static List<DataSource> sources(Recipe recipe, boolean images) {
    return DataSource.of(recipe, ContrastData.sample(images));
  }

  private static ContrastData read(
      List<DataSource> sources, ImageSize size, Recipe recipe, Consumer<String> notes) {
    return size == null
        ? ContrastData.texts(sources, recipe, notes)
        : ContrastData.images(
            sources, size.resizing(recipe.get(Settings.IMAGE_RESIZE)), recipe, notes);
  }

  private static Tokenizer tokenizer(
      Recipe recipe,
      PairObjectiveConfig plan,
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
    Vocabulary needs = new Vocabulary(plan.images(), 0);
    return RunTokenizer.write(recipe, file, data::texts, needs, listener::note);
  }

  private static DualEncoder model(
      Recipe recipe,
      PairObjectiveConfig plan,
      Tokenizer tokenizer,
      Device device,
      RunListener listener) {
    int end = plan.images() ? SpecialTokens.in(tokenizer, 0).id(Special.END) : -1;
    if (!Pretrained.from(recipe)) {
      DualEncoder model = plan.model(recipe, tokenizer.vocabularySize(), end, device);
      model.parameters().initialize(recipe.get(Settings.SEED));
      return model;
    }
    return Pretrained.begin(
        recipe, tokenizer, listener::note, start -> plan.model(recipe, start, end, device));
  }

  /**
   * A trained model, with its run's data if it has a run.
   *
   * @param recipe the run's, or one that fits the model
   */
  static PairSetup trained(Recipe recipe, Path folder, Device device) {
    Path modelFolder = RunFolder.modelIn(folder);
    boolean run = RunFolder.exists(folder);
    DualEncoder model =
        ModelFolder.load(modelFolder, device, DualEncoder.class, recipe.get(Settings.OBJECTIVE));
    try {
      PairObjectiveConfig plan = plan(recipe, model);
      DualEncoderProcessor room = DualEncoderProcessor.of(model, modelFolder);
      ImageSize size = room.images();
      ContrastData data =
          run ? read(sources(recipe, size != null), size, recipe, QUIET::note) : null;
      Path file = ModelFolder.tokenizer(modelFolder);
      return new PairSetup(
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
  private static PairObjectiveConfig plan(Recipe recipe, DualEncoder model) {
    PairObjectiveConfig plan = PairObjectiveConfig.of(recipe);
    boolean bias = model.logits().bias() != null;
    if (bias == (plan.loss().bias() != null)) {
      return plan;
    }
    return PairObjectiveConfig.of(recipe.with(Settings.CONTRAST, bias ? "siglip" : "clip"));
  }

  Recipe recipe() {
    return recipe;
  }

  PairObjectiveConfig plan() {
    return plan;
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  DualEncoder model() {
    return model;
  }

  DualEncoderProcessor room() {
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
  record Evaluated(String name, ContrastData.Encoded pairs) {}

  /**
   * Pairs to evaluate on.
   *
   * @param other all of this data; null for what the run held out
   */
  Evaluated evaluated(Path other) {
    if (other == null) {
      return new Evaluated("what the run held out", pairs);
    }
    StringJoiner left = new StringJoiner("; ", other + " (", ")");
    left.setEmptyValue(other.toString());
    ContrastData given = read(List.of(DataSource.of(other)), room.images(), recipe, left::add);
    return new Evaluated(left.toString(), given.encode(room.encoding(tokenizer), null));
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
  PairBatch batch(int count, int[][] known, IntFunction<EncoderBatch> right) {
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
    List<EncoderInput> members =
        of.stream().map(pair -> left ? pair.left() : pair.right()).toList();
    return embeddings(model, members, left);
  }

  /** The embeddings of one side by any model that reads the same. */
  float[][] embeddings(DualEncoder by, List<EncoderInput> members, boolean left) {
    try (Embedder embedder =
        new Embedder(device, by, left, left ? room.left(AT_ONCE) : room.right(AT_ONCE))) {
      return embedder.embed(members);
    }
  }

  /** Recall in both directions over held-out pairs. */
  List<Metric> recall(ContrastData.Encoded evaluated) {
    List<EncodedPair> held = evaluated.heldOut();
    return Recall.both(held, embeddings(held, true), embeddings(held, false), evaluated.known());
  }

  /** A search for a held-out text. */
  Workload.Use search() {
    EncodedPair held = pairs.heldOut().getFirst();
    return Uses.search(plan.images() ? rightName(held) : leftName(held));
  }

  /** The left side of a pair of the run, for people. */
  String leftName(EncodedPair pair) {
    return data.leftName(pairs.all().indexOf(pair));
  }

  /** The right side of a pair of the run, for people. */
  String rightName(EncodedPair pair) {
    return data.rightName(pairs.all().indexOf(pair));
  }

  DatasetInfo facts() {
    String numbers =
        room.how() == null ? "" : Format.text("-%x", room.how().normalisation().hashCode());
    return new DatasetInfo(
        data.size(), pairs.tokens(), data.fingerprint() + numbers + tokenizerSum);
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
