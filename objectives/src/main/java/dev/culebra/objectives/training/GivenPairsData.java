package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.batch.GivenPairs;
import dev.culebra.objectives.batch.GroupSplit;
import dev.culebra.objectives.corpus.BadRows;
import dev.culebra.objectives.corpus.TextPair;
import dev.culebra.objectives.corpus.TextPairs;
import dev.culebra.objectives.token.Mix64;
import dev.culebra.objectives.token.ShardWriter;
import dev.culebra.objectives.token.TokenShards;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import dev.culebra.objectives.training.Workload.Facts;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Given pairs of texts as token ids in a run's folder: in the shards, each pair is two documents,
 * source and target, first those to train on, source by source, then those held out. Pairs of one
 * group are on one side.
 */
final class GivenPairsData implements TextData {

  /** What is learned from when a recipe names no data. */
  private static final String SAMPLE = "pairs.tsv";

  private static final String COUNTS = "pairs.json";

  private final Path tokenizerFile;
  private final Tokenizer tokenizer;
  private final TokenShards shards;
  private final Counts counts;

  /**
   * How many pairs are on each side.
   *
   * @param training of each source
   * @param weights each source's share of the samples
   */
  record Counts(List<Integer> training, List<Double> weights, int heldOut) {}

  /**
   * A pair as the data has it.
   *
   * @param source number of the source that it is from
   */
  private record Row(int source, TextPair pair) {}

  private GivenPairsData(
      Path tokenizerFile, Tokenizer tokenizer, TokenShards shards, Counts counts) {
    this.tokenizerFile = tokenizerFile;
    this.tokenizer = tokenizer;
    this.shards = shards;
    this.counts = counts;
  }

  /** Reads the recipe's pairs, trains or loads its tokenizer, and encodes them. */
  static GivenPairsData prepare(
      Recipe recipe, Path run, RunData.Vocabulary vocabulary, RunListener listener)
      throws IOException {
    Path folder = run.resolve(RunFolder.TOKENS);
    Files.createDirectories(folder);
    RunFolder.removeFiles(folder); // left by a run that was killed before it began
    List<DataSource> sources = DataSource.of(recipe, SAMPLE);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      int source = i;
      read(recipe, sources.get(i).paths(), listener)
          .forEach(pair -> rows.add(new Row(source, pair)));
    }
    SourceSplit<Row> parts =
        SourceSplit.of(
            rows,
            sources,
            new GroupSplit(recipe.get(Settings.HELD_OUT), recipe.get(Settings.SEED)),
            Row::source,
            row -> GroupSplit.group(row.pair));
    Path file = folder.resolve(ModelFolder.TOKENIZER);
    Tokenizer tokenizer =
        RunTokenizer.write(
            recipe,
            file,
            sink ->
                rows.forEach(
                    row -> {
                      sink.accept(row.pair.source());
                      sink.accept(row.pair.target());
                    }),
            vocabulary,
            listener);
    GivenPairsData data = null;
    try {
      Counts counts =
          new Counts(
              parts.training().stream().map(List::size).toList(),
              sources.stream().map(DataSource::weight).toList(),
              parts.heldOut().size());
      List<List<Row>> sides = new ArrayList<>(parts.training());
      sides.add(parts.heldOut());
      Stream<TextPair> pairs = sides.stream().flatMap(List::stream).map(Row::pair);
      TokenShards shards = write(pairs, tokenizer, folder);
      DurableFiles.replace(folder.resolve(COUNTS), Json.content(counts));
      data = new GivenPairsData(file, tokenizer, shards, counts);
      data.describe(sources, listener);
      return data;
    } finally {
      if (data == null) {
        tokenizer.close();
      }
    }
  }

  private void describe(List<DataSource> sources, RunListener listener) {
    String all =
        "%,d pairs, %,d tokens, %,d pairs held out by group"
            .formatted(shards.documents() / 2, shards.tokens(), counts.heldOut);
    if (sources.size() == 1) {
      listener.note(sources.getFirst().described(all));
      return;
    }
    for (int i = 0; i < sources.size(); i++) {
      listener.note(
          sources.get(i).shared("%,d pairs to train on".formatted(counts.training.get(i))));
    }
    listener.note("data        " + all);
  }

  private static List<TextPair> read(Recipe recipe, List<Path> paths, RunListener listener) {
    List<TextPair> pairs = new ArrayList<>();
    BadRows bad = RunData.badRows(recipe);
    TextPairs.of(paths, Samples.fields(recipe)).read(bad, pairs::add);
    if (!bad.summary().isEmpty()) {
      listener.note(bad.summary());
    }
    return pairs;
  }

  private static TokenShards write(Stream<TextPair> pairs, Tokenizer tokenizer, Path folder) {
    try (ShardWriter writer = new ShardWriter(folder, tokenizer)) {
      pairs.forEach(
          pair -> {
            writer.add(tokenizer.encode(pair.source()));
            writer.add(tokenizer.encode(pair.target()));
          });
      return writer.finish();
    }
  }

  /** Opens what {@link #prepare} left. */
  static GivenPairsData open(Path run) {
    Path folder = run.resolve(RunFolder.TOKENS);
    Path file = folder.resolve(ModelFolder.TOKENIZER);
    Counts counts = Json.read(folder.resolve(COUNTS), Counts.class);
    Tokenizer tokenizer = Tokenizers.load(file);
    try {
      return new GivenPairsData(file, tokenizer, TokenShards.open(folder), counts);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** The tokenizer of a model without a run. */
  static GivenPairsData none(Path tokenizer) {
    return new GivenPairsData(
        tokenizer, Tokenizers.load(tokenizer), null, new Counts(List.of(), List.of(), 0));
  }

  /**
   * Pairs that are no run's, all to judge by, encoded into an empty folder.
   *
   * @param path file or folder
   */
  static TokenShards encode(Recipe recipe, Path path, Tokenizer tokenizer, Path folder) {
    List<TextPair> pairs = read(recipe, List.of(path), new RunListener() {});
    return write(pairs.stream(), tokenizer, folder);
  }

  @Override
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  @Override
  public Path tokenizerFile() {
    return tokenizerFile;
  }

  @Override
  public boolean hasText() {
    return shards != null;
  }

  TokenShards shards() {
    return shards;
  }

  /** The pairs to train on, of each source. */
  List<GivenPairs.Range> training() {
    List<GivenPairs.Range> ranges = new ArrayList<>();
    int first = 0;
    for (int count : counts.training) {
      ranges.add(new GivenPairs.Range(first, count));
      first += count;
    }
    return ranges;
  }

  /** Each source's share of the samples. */
  double[] weights() {
    return counts.weights.stream().mapToDouble(weight -> weight).toArray();
  }

  /** The pairs to judge by. */
  GivenPairs.Range heldOut() {
    return new GivenPairs.Range(trained(), counts.heldOut);
  }

  private int trained() {
    return counts.training.stream().mapToInt(count -> count).sum();
  }

  @Override
  public Facts facts() {
    long fingerprint = Mix64.of(shards.fingerprint(), trained());
    return new Facts(
        (long) trained() + counts.heldOut, shards.tokens(), Long.toHexString(fingerprint));
  }

  @Override
  public void close() {
    tokenizer.close();
    if (shards != null) {
      shards.close();
    }
  }
}
