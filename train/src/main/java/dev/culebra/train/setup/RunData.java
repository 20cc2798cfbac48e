package dev.culebra.train.setup;

import dev.culebra.data.batch.CausalOptions;
import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.Corpus;
import dev.culebra.data.read.Template;
import dev.culebra.data.token.Split;
import dev.culebra.data.token.TokenFolder;
import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.TokenView;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The text of a run as token ids in its folder: running text, parted into training and held-out
 * tokens, of several texts each on its own; and given pairs of texts.
 */
public final class RunData implements AutoCloseable {

  /** What is learned from when a recipe names no data. */
  private static final String SAMPLE = "moby-dick.txt";

  /** Where pairs of texts lie beside running text. */
  private static final String PAIRS = "pairs";

  private final Path tokenizerFile;
  private final Tokenizer tokenizer;
  private final List<SourceTokens> parts;
  private final PairShards pairs;

  /** A text and what is drawn of it. */
  record SourceTokens(DataSource source, TokenShards shards, Split split) {}

  private RunData(
      Path tokenizerFile, Tokenizer tokenizer, List<SourceTokens> parts, PairShards pairs) {
    this.tokenizerFile = tokenizerFile;
    this.tokenizer = tokenizer;
    this.parts = List.copyOf(parts);
    this.pairs = pairs;
  }

  /**
   * Reads a task's text, trains or loads its tokenizer, and encodes all of it.
   *
   * @param others gives what else the tokenizer is to be trained on
   */
  public static RunData prepare(
      Recipe recipe,
      Path run,
      ObjectiveMix task,
      Consumer<Consumer<String>> others,
      Consumer<String> notes)
      throws IOException {
    Path folder = run.resolve(RunFolder.TOKENS);
    TokenFolder.begin(folder);
    List<DataSource> sources = sources(recipe, task);
    PairCorpus given =
        task.readsPairs() ? PairCorpus.read(recipe, pairSources(recipe, task), notes) : null;
    List<Corpus> texts = sources.stream().map(source -> corpus(recipe, source.paths())).toList();
    Path file = folder.resolve(ModelFolder.TOKENIZER);
    Tokenizer tokenizer =
        RunTokenizer.write(
            recipe,
            file,
            sink -> {
              texts.forEach(
                  text -> text.read(badRows(recipe), document -> sink.accept(document.text())));
              if (given != null) {
                given.texts(sink);
              }
              others.accept(sink);
            },
            task.vocabulary(),
            notes);
    List<BadRows> bad = sources.stream().map(source -> badRows(recipe)).toList();
    RunData prepared =
        of(
            recipe,
            folder,
            tokenizer,
            sources,
            (number, place) ->
                TokenShards.build(
                    texts.get(number), bad.get(number), tokenizer, task.around(tokenizer), place),
            place ->
                given == null ? null : PairShards.write(recipe, given, tokenizer, place, notes));
    for (int i = 0; i < sources.size(); i++) {
      notes.accept(described(prepared.parts.get(i), sources.size()));
      bad.get(i).tell(line -> notes.accept("data        " + line));
    }
    return prepared;
  }

  private static String described(SourceTokens part, int sources) {
    String what =
        Format.text(
            "%s, %s, %s",
            Format.count(part.shards.documents(), "documents"),
            Format.count(part.shards.tokens(), "tokens"),
            part.split.how());
    return sources == 1 ? part.source.described(what) : part.source.shared(what);
  }

  private static List<DataSource> pairSources(Recipe recipe, ObjectiveMix task) {
    return DataSource.of(task.pairRecipe(recipe), PairCorpus.SAMPLE);
  }

  private static List<DataSource> sources(Recipe recipe, ObjectiveMix task) {
    return task.readsRunning() ? DataSource.of(recipe, SAMPLE) : List.of();
  }

  /**
   * Opens what {@link #prepare} left, and reads all of it once.
   *
   * @param progress told in a line now and then, if that takes more than a second
   * @throws BadInputException if it is damaged; names the file
   */
  public static RunData open(Recipe recipe, Path run, ObjectiveMix task, Consumer<String> progress)
      throws IOException {
    Path folder = run.resolve(RunFolder.TOKENS);
    Tokenizer tokenizer = Tokenizers.load(folder.resolve(ModelFolder.TOKENIZER));
    return of(
        recipe,
        folder,
        tokenizer,
        sources(recipe, task),
        (number, place) -> TokenFolder.open(place, progress),
        place -> task.readsPairs() ? PairShards.open(place, progress) : null);
  }

  /** Makes or opens the shards of a source in its folder. */
  private interface Shards {
    TokenShards of(int source, Path folder);
  }

  /** Makes or opens the pairs in a folder; null if there are none. */
  private interface Pairs {
    PairShards of(Path folder) throws IOException;
  }

  private static RunData of(
      Recipe recipe,
      Path folder,
      Tokenizer tokenizer,
      List<DataSource> sources,
      Shards shards,
      Pairs pairs)
      throws IOException {
    List<SourceTokens> parts = new ArrayList<>();
    RunData data = null;
    try {
      for (int i = 0; i < sources.size(); i++) {
        Path place = i == 0 ? folder : folder.resolve("source-" + i);
        TokenShards opened = shards.of(i, place);
        parts.add(new SourceTokens(sources.get(i), opened, null));
        parts.set(i, new SourceTokens(sources.get(i), opened, split(recipe, opened)));
      }
      data =
          new RunData(
              folder.resolve(ModelFolder.TOKENIZER),
              tokenizer,
              parts,
              pairs.of(folder.resolve(PAIRS)));
      return data;
    } finally {
      if (data == null) {
        parts.forEach(part -> part.shards.close());
        tokenizer.close();
      }
    }
  }

  private static Split split(Recipe recipe, TokenShards shards) {
    return Split.of(
        shards,
        recipe.get(Settings.HELD_OUT),
        recipe.get(Settings.SEED),
        recipe.get(Settings.CONTEXT));
  }

  /** The text of some files or folders, read as the recipe says. */
  public static Corpus corpus(Recipe recipe, List<Path> paths) {
    return Corpus.of(
        paths, recipe.get(Settings.FIELD), Template.named(recipe.get(Settings.TEMPLATE)));
  }

  /** What becomes of rows that cannot be used. */
  public static BadRows badRows(Recipe recipe) {
    return recipe.changed().contains(Settings.BAD_ROWS)
        ? new BadRows(recipe.get(Settings.BAD_ROWS))
        : new BadRows();
  }

  /** The tokenizer of a model without a run. */
  public static RunData none(Path tokenizer) {
    return new RunData(tokenizer, Tokenizers.load(tokenizer), List.of(), null);
  }

  /** The tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Its file. */
  public Path tokenizerFile() {
    return tokenizerFile;
  }

  /** Whether there is text beside the tokenizer; not for a model without a run. */
  public boolean hasText() {
    return !parts.isEmpty() || pairs != null;
  }

  /** Given pairs of texts, or null. */
  PairShards pairs() {
    return pairs;
  }

  /** What is trained on. */
  public List<TokenView> training() {
    return parts.stream().map(part -> part.split.train()).toList();
  }

  /** Each training text's share of the samples. */
  double[] weights() {
    return parts.stream().mapToDouble(part -> part.source.weight()).toArray();
  }

  /** What is judged by. */
  List<TokenView> validation() {
    return parts.stream()
        .filter(part -> !part.source.replayed())
        .map(part -> part.split.validation())
        .toList();
  }

  /** What there is. */
  public DatasetInfo facts() {
    List<DatasetInfo> all = new ArrayList<>();
    for (SourceTokens part : parts) {
      String fingerprint = Long.toHexString(part.shards.fingerprint());
      all.add(new DatasetInfo(part.shards.documents(), part.shards.tokens(), fingerprint));
    }
    if (pairs != null) {
      all.add(pairs.facts());
    }
    DatasetInfo texts = all.stream().reduce(DatasetInfo::and).orElseThrow();
    return texts.and(new DatasetInfo(0, 0, "-" + TokenFolder.sum(tokenizerFile)));
  }

  static CausalOptions options(Recipe recipe) {
    return new CausalOptions(
        recipe.get(Settings.SEQUENCES),
        recipe.get(Settings.CONTEXT),
        recipe.get(Settings.PACKING).equals("packed")
            ? CausalOptions.Scope.DOCUMENT
            : CausalOptions.Scope.WINDOW,
        recipe.get(Settings.CROSS_LABELS));
  }

  @Override
  public void close() {
    tokenizer.close();
    parts.forEach(part -> part.shards.close());
    if (pairs != null) {
      pairs.close();
    }
  }
}
