package dev.culebra.objectives.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;

/** Loads {@code tokenizer.json}. */
public final class Tokenizers {
  private static final String FILE = "tokenizer.json";

  private Tokenizers() {}

  /**
   * Loads a {@code tokenizer.json}, or the one in a folder: as {@link ByteLevelBpe} if the file is
   * of that kind, which starts at once, and through Hugging Face's native library (by DJL)
   * otherwise. The tokenizer's {@code toString} says which and why.
   *
   * @throws BadInputException if the file is missing, damaged or not a tokenizer
   */
  public static Tokenizer load(Path path) {
    TokenizerFile file = TokenizerFile.read(locate(path));
    ByteLevelBpeLayout layout = new ByteLevelBpeLayout(file);
    String difference = layout.difference();
    return difference.isEmpty()
        ? new ByteLevelBpe(layout.read())
        : new DjlTokenizer(file, difference);
  }

  /** Loads any {@code tokenizer.json} through Hugging Face's native library. */
  public static Tokenizer loadNative(Path path) {
    return new DjlTokenizer(TokenizerFile.read(locate(path)), "asked for");
  }

  private static Path locate(Path path) {
    return Files.isDirectory(path) ? path.resolve(FILE) : path;
  }

  /**
   * Gives a {@code tokenizer.json} special tokens behind the end of its vocabulary, in that order.
   *
   * @throws IOException if the file cannot be replaced
   */
  public static void addSpecials(Path path, List<String> names) throws IOException {
    if (names.isEmpty()) {
      return;
    }
    TokenizerFile file = TokenizerFile.read(path);
    ArrayNode added = file.root().withArrayProperty("added_tokens");
    int id = file.tokens().size();
    for (String name : names) {
      added
          .addObject()
          .put("id", id++)
          .put("content", name)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    DurableFiles.replace(path, Json.content(file.root()));
  }
}
