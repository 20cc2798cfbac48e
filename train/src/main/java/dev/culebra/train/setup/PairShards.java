package dev.culebra.train.setup;

import dev.culebra.data.random.Mix64;
import dev.culebra.data.read.TextPair;
import dev.culebra.data.token.ShardWriter;
import dev.culebra.data.token.TokenFolder;
import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.objectives.text.GivenPairs;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Given pairs of texts as token ids in a folder: in the shards, each pair is two documents, source
 * and target, first those to train on, source by source, then those held out. Pairs of one group
 * are on one side.
 */
record PairShards(TokenShards shards, Counts counts) implements AutoCloseable {

  private static final String COUNTS = "pairs.json";

  /**
   * How many pairs are on each side.
   *
   * @param training of each source
   * @param weights each source's share of the samples
   */
  record Counts(List<Integer> training, List<Double> weights, int heldOut) {

    /** Whether these are counts, and of as many documents, two for each pair. */
    boolean fit(long documents) {
      return training != null
          && weights != null
          && training.size() == weights.size()
          && heldOut >= 0
          && training.stream().allMatch(count -> count != null && count >= 0)
          && weights.stream().allMatch(w -> w != null && w > 0 && Double.isFinite(w))
          && 2 * (training.stream().mapToLong(count -> count).sum() + heldOut) == documents;
    }
  }

  /**
   * Pairs to evaluate on.
   *
   * @param range which of them
   */
  record Side(TokenShards shards, GivenPairs.Range range) {}

  /** Parts and encodes pairs. */
  static PairShards write(
      Recipe recipe, PairCorpus pairs, Tokenizer tokenizer, Path folder, Consumer<String> notes)
      throws IOException {
    SourceSplit<PairCorpus.Row> parts = pairs.split(recipe);
    Counts counts =
        new Counts(
            parts.training().stream().map(List::size).toList(),
            pairs.sources().stream().map(DataSource::weight).toList(),
            parts.heldOut().size());
    List<List<PairCorpus.Row>> sides = new ArrayList<>(parts.training());
    sides.add(parts.heldOut());
    Stream<TextPair> all = sides.stream().flatMap(List::stream).map(PairCorpus.Row::pair);
    PairShards written = new PairShards(write(all, tokenizer, folder), counts);
    DurableFiles.replace(folder.resolve(COUNTS), Json.content(counts));
    written.describe(pairs.sources(), notes);
    return written;
  }

  private void describe(List<DataSource> sources, Consumer<String> notes) {
    String all =
        Format.text(
            "%s, %s, %s held out by group",
            Format.count(shards.documents() / 2, "pairs"),
            Format.count(shards.tokens(), "tokens"),
            Format.count(counts.heldOut, "pairs"));
    if (sources.size() == 1) {
      notes.accept(sources.getFirst().described(all));
      return;
    }
    for (int i = 0; i < sources.size(); i++) {
      notes.accept(
          sources
              .get(i)
              .shared(
                  Format.text("%s to train on", Format.count(counts.training.get(i), "pairs"))));
    }
    notes.accept("data        " + all);
  }

  /** Encodes pairs into an empty folder. */
  static TokenShards write(Stream<TextPair> pairs, Tokenizer tokenizer, Path folder) {
    try (ShardWriter writer = new ShardWriter(folder, tokenizer)) {
      pairs.forEach(
          pair -> {
            writer.add(tokenizer.encode(pair.source()));
            writer.add(tokenizer.encode(pair.target()));
          });
      return writer.finish();
    }
  }

  /** Opens what was written, and reads all of it once. */
  static PairShards open(Path folder, Consumer<String> progress) {
    Counts counts = Json.read(folder.resolve(COUNTS), Counts.class);
    TokenShards shards = TokenFolder.open(folder, progress);
    if (!counts.fit(shards.documents())) {
      long documents = shards.documents();
      shards.close();
      throw new BadInputException(
          Format.text(
              "%s does not fit the %,d documents beside it: the folder is damaged",
              folder.resolve(COUNTS), documents));
    }
    return new PairShards(shards, counts);
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

  /** The pairs to evaluate on. */
  Side heldOut() {
    return new Side(shards, new GivenPairs.Range(trained(), counts.heldOut));
  }

  private int trained() {
    return counts.training.stream().mapToInt(count -> count).sum();
  }

  /** What there is. */
  DatasetInfo facts() {
    long fingerprint = Mix64.of(shards.fingerprint(), counts.hashCode());
    return new DatasetInfo(
        (long) trained() + counts.heldOut, shards.tokens(), Long.toHexString(fingerprint));
  }

  @Override
  public void close() {
    shards.close();
  }
}
