package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.batch.CausalOptions;
import dev.culebra.objectives.corpus.Corpus;
import dev.culebra.objectives.corpus.Template;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.token.BpeTrainer;
import dev.culebra.objectives.token.Split;
import dev.culebra.objectives.token.TokenShards;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The data of a run as token ids in its folder, parted into training and held-out tokens. */
final class RunData implements AutoCloseable {

  private final Path tokenizerFile;
  private final Tokenizer tokenizer;
  private final TokenShards shards;
  private final Split split;

  private RunData(Path tokenizerFile, Tokenizer tokenizer) {
    this.tokenizerFile = tokenizerFile;
    this.tokenizer = tokenizer;
    this.shards = null;
    this.split = null;
  }

  private RunData(Path folder, Tokenizer tokenizer, TokenShards shards, Recipe recipe) {
    this.tokenizerFile = folder.resolve(ModelFolder.TOKENIZER);
    this.tokenizer = tokenizer;
    this.shards = shards;
    this.split =
        Split.of(
            shards,
            recipe.get(Settings.HELD_OUT),
            recipe.get(Settings.SEED),
            recipe.get(Settings.CONTEXT));
  }

  /**
   * What an objective needs of a vocabulary beside text.
   *
   * @param specials whether it needs tokens that begin, end, separate, hide
   * @param sentinels how many hidden spans it tells apart
   */
  record Vocabulary(boolean specials, int sentinels) {

    /** Nothing. */
    static final Vocabulary PLAIN = new Vocabulary(false, 0);
  }

  /** Reads the recipe's text, trains or loads its tokenizer, and encodes all of it. */
  static RunData prepare(Recipe recipe, Path run, Vocabulary vocabulary, RunListener listener)
      throws IOException {
    Path folder = run.resolve(RunFolder.TOKENS);
    Files.createDirectories(folder);
    RunFolder.removeFiles(folder); // left by a run that was killed before it began
    List<Path> data = Samples.paths(recipe, "moby-dick.txt");
    Corpus corpus = corpus(recipe, data);
    Path file = folder.resolve(ModelFolder.TOKENIZER);
    writeTokenizer(recipe, corpus, file, listener);
    if (vocabulary.specials) {
      addSpecials(file, vocabulary.sentinels);
    }
    Tokenizer tokenizer = Tokenizers.load(file);
    try {
      TokenShards shards = TokenShards.build(corpus, tokenizer, folder);
      RunData prepared = new RunData(folder, tokenizer, shards, recipe);
      listener.note(
          "data        %s: %,d documents, %,d tokens, %s"
              .formatted(
                  Samples.described(data),
                  shards.documents(),
                  shards.tokens(),
                  prepared.split.how()));
      return prepared;
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** The text of some files or folders, read as the recipe says. */
  static Corpus corpus(Recipe recipe, List<Path> paths) {
    return Corpus.of(
        paths, recipe.get(Settings.FIELD), Template.named(recipe.get(Settings.TEMPLATE)));
  }

  private static void writeTokenizer(Recipe recipe, Corpus corpus, Path file, RunListener listener)
      throws IOException {
    String given = recipe.get(Settings.TOKENIZER);
    String from = recipe.get(Settings.INIT);
    if (given.isEmpty() && from.isEmpty()) {
      BpeTrainer trainer = new BpeTrainer();
      int vocabulary = recipe.get(Settings.VOCABULARY);
      if (vocabulary < trainer.smallestVocabulary()) {
        throw new BadInputException(
            "tokenizer.vocabulary %d is too small: 256 bytes and %d special tokens need %d"
                .formatted(
                    vocabulary, trainer.smallestVocabulary() - 256, trainer.smallestVocabulary()));
      }
      corpus.read(document -> trainer.add(document.text()));
      try (Tokenizer trained = save(trainer, vocabulary, file)) {
        listener.note("tokenizer   byte-level BPE of %,d ids".formatted(trained.vocabularySize()));
      }
      return;
    }
    Path source = given.isEmpty() ? ModelFolder.tokenizer(Path.of(from)) : Path.of(given);
    if (!Files.isRegularFile(source)) {
      throw new BadInputException("tokenizer.file: there is no file " + source);
    }
    byte[] bytes = Files.readAllBytes(source);
    DurableFiles.replace(file, out -> out.write(ByteBuffer.wrap(bytes)));
    listener.note("tokenizer   " + source);
  }

  /** Gives the tokenizer the special tokens that it lacks. */
  private static void addSpecials(Path file, int sentinels) throws IOException {
    List<String> missing;
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      missing = SpecialTokens.in(tokenizer, sentinels).added();
    }
    Tokenizers.addSpecials(file, missing);
  }

  private static Tokenizer save(BpeTrainer trainer, int vocabulary, Path file) {
    var trained = trainer.train(vocabulary);
    trained.save(file);
    return trained;
  }

  /** The tokenizer of a model without a run. */
  static RunData none(Path tokenizer) {
    return new RunData(tokenizer, Tokenizers.load(tokenizer));
  }

  /** Opens what {@link #prepare} left. */
  static RunData open(Recipe recipe, Path run) {
    Path folder = run.resolve(RunFolder.TOKENS);
    Tokenizer tokenizer = Tokenizers.load(folder.resolve(ModelFolder.TOKENIZER));
    try {
      return new RunData(folder, tokenizer, TokenShards.open(folder), recipe);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  Tokenizer tokenizer() {
    return tokenizer;
  }

  Path tokenizerFile() {
    return tokenizerFile;
  }

  /** Whether there is text beside the tokenizer. */
  boolean hasText() {
    return split != null;
  }

  Split split() {
    return split;
  }

  TokenShards shards() {
    return shards;
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
    if (shards != null) {
      shards.close();
    }
  }
}
