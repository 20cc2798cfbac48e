package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.batch.GivenPairs;
import dev.culebra.objectives.batch.GroupSplit;
import dev.culebra.objectives.corpus.BadRows;
import dev.culebra.objectives.corpus.PairFields;
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

/**
 * Given pairs of texts as token ids in a run's folder: in the shards, each pair is two documents,
 * source and target, first those to train on, then those held out. Pairs of one group are on one
 * side.
 */
final class GivenPairsData implements TextData {

  private static final String COUNTS = "pairs.json";

  private final Path tokenizerFile;
  private final Tokenizer tokenizer;
  private final TokenShards shards;
  private final Counts counts;

  /** How many pairs are on each side. */
  record Counts(int training, int heldOut) {}

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
    List<Path> paths = Samples.paths(recipe, "pairs.tsv");
    List<TextPair> pairs = read(recipe, paths, listener);
    GroupSplit.Parts<TextPair> parts =
        new GroupSplit(recipe.get(Settings.HELD_OUT), recipe.get(Settings.SEED)).pairs(pairs);
    Path file = folder.resolve(ModelFolder.TOKENIZER);
    Tokenizer tokenizer =
        RunTokenizer.write(
            recipe,
            file,
            sink ->
                pairs.forEach(
                    pair -> {
                      sink.accept(pair.source());
                      sink.accept(pair.target());
                    }),
            vocabulary,
            listener);
    GivenPairsData data = null;
    try {
      Counts counts = new Counts(parts.training().size(), parts.heldOut().size());
      TokenShards shards = write(parts, tokenizer, folder);
      DurableFiles.replace(folder.resolve(COUNTS), Json.content(counts));
      data = new GivenPairsData(file, tokenizer, shards, counts);
      listener.note(
          "data        %s: %,d pairs, %,d tokens, %,d pairs held out by group"
              .formatted(Samples.described(paths), pairs.size(), shards.tokens(), counts.heldOut));
      return data;
    } finally {
      if (data == null) {
        tokenizer.close();
      }
    }
  }

  private static List<TextPair> read(Recipe recipe, List<Path> paths, RunListener listener) {
    List<TextPair> pairs = new ArrayList<>();
    BadRows bad = new BadRows(recipe.get(Settings.BAD_ROWS));
    TextPairs.of(paths, PairFields.DEFAULT).read(bad, pairs::add);
    if (!bad.summary().isEmpty()) {
      listener.note(bad.summary());
    }
    return pairs;
  }

  private static TokenShards write(
      GroupSplit.Parts<TextPair> parts, Tokenizer tokenizer, Path folder) {
    try (ShardWriter writer = new ShardWriter(folder, tokenizer)) {
      for (List<TextPair> side : List.of(parts.training(), parts.heldOut())) {
        for (TextPair pair : side) {
          writer.add(tokenizer.encode(pair.source()));
          writer.add(tokenizer.encode(pair.target()));
        }
      }
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
    return new GivenPairsData(tokenizer, Tokenizers.load(tokenizer), null, new Counts(0, 0));
  }

  /**
   * Pairs that are no run's, all to judge by, encoded into an empty folder.
   *
   * @param path file or folder
   */
  static TokenShards encode(Recipe recipe, Path path, Tokenizer tokenizer, Path folder) {
    List<TextPair> pairs = read(recipe, List.of(path), new RunListener() {});
    return write(new GroupSplit.Parts<>(List.of(), pairs), tokenizer, folder);
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

  /** The pairs to train on. */
  GivenPairs.Range training() {
    return new GivenPairs.Range(0, counts.training);
  }

  /** The pairs to judge by. */
  GivenPairs.Range heldOut() {
    return new GivenPairs.Range(counts.training, counts.heldOut);
  }

  @Override
  public Facts facts() {
    long fingerprint = Mix64.of(shards.fingerprint(), counts.training);
    return new Facts(
        (long) counts.training + counts.heldOut, shards.tokens(), Long.toHexString(fingerprint));
  }

  @Override
  public void close() {
    tokenizer.close();
    if (shards != null) {
      shards.close();
    }
  }
}
