package dev.culebra.train.setup;

import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.TokenFiles;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The tokenizer of a run: given, taken from the model that the run starts from, or trained. */
public final class RunTokenizer {

  private RunTokenizer() {}

  /**
   * Writes a run's {@code tokenizer.json} and opens it.
   *
   * @param texts gives all texts, to train on if nothing is given
   * @param vocabulary what special tokens it needs; those that are missing are added
   */
  public static Tokenizer write(
      Recipe recipe,
      Path file,
      Consumer<Consumer<String>> texts,
      Vocabulary vocabulary,
      Consumer<String> notes)
      throws IOException {
    String given = recipe.get(Settings.TOKENIZER);
    String from = recipe.get(Settings.INIT);
    if (given.isEmpty() && from.isEmpty()) {
      train(recipe.get(Settings.VOCABULARY), file, texts, notes);
    } else {
      Path source =
          given.isEmpty()
              ? ModelFolder.tokenizer(RunFolder.modelIn(Path.of(from)))
              : Tokenizers.locate(Path.of(given));
      copy(source, file);
      notes.accept("tokenizer   " + source);
    }
    if (vocabulary.specials()) {
      addSpecials(file, vocabulary.sentinels());
    }
    return Tokenizers.load(file);
  }

  /** Refuses a tokenizer that cannot be trained or is not there, before any work is done. */
  public static void check(Recipe recipe) {
    String given = recipe.get(Settings.TOKENIZER);
    if (!given.isEmpty()) {
      existing(Path.of(given));
    } else if (recipe.get(Settings.INIT).isEmpty()
        && !recipe.get(Settings.OBJECTIVE).equals("diffusion")) {
      trainer(recipe.get(Settings.VOCABULARY));
    }
  }

  private static BpeTrainer trainer(int vocabulary) {
    BpeTrainer trainer = new BpeTrainer();
    if (vocabulary < trainer.smallestVocabulary()) {
      throw new BadInputException(
          Format.text(
              "tokenizer.vocabulary %d is too small: 256 bytes and %d special tokens need %d",
              vocabulary, trainer.smallestVocabulary() - 256, trainer.smallestVocabulary()));
    }
    return trainer;
  }

  private static void train(
      int vocabulary, Path file, Consumer<Consumer<String>> texts, Consumer<String> notes) {
    BpeTrainer trainer = trainer(vocabulary);
    texts.accept(trainer::add);
    try (var trained = trainer.train(vocabulary)) {
      trained.save(file);
      notes.accept(Format.text("tokenizer   byte-level BPE of %,d ids", trained.vocabularySize()));
    }
  }

  private static void existing(Path source) {
    if (!Files.isRegularFile(source)) {
      throw new BadInputException("tokenizer.file: there is no file " + source);
    }
  }

  private static void copy(Path source, Path file) throws IOException {
    existing(source);
    TokenFiles.copy(source, file);
  }

  /** Gives the tokenizer the special tokens that it lacks. */
  private static void addSpecials(Path file, int sentinels) throws IOException {
    SpecialTokens specials;
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      specials = SpecialTokens.in(tokenizer, sentinels);
    }
    Tokenizers.addSpecials(file, specials.added(), specials.hiding());
  }
}
