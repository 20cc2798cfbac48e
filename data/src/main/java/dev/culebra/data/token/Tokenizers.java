package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.DurableFiles;
import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;

/** Loads {@code tokenizer.json}. */
public final class Tokenizers {
  static final String FILE = "tokenizer.json";

  private Tokenizers() {}

  /**
   * Loads a {@code tokenizer.json}, or the one in a folder of a model or a run: as {@link
   * ByteLevelBpe} if the file is of that kind, which starts at once, and through Hugging Face's
   * native library (by DJL) otherwise. The tokenizer's {@code toString} says which and why. The
   * files that lie beside it in a model's folder say what its special tokens are for.
   *
   * @throws BadInputException if a file is missing, damaged or not a tokenizer, or the files
   *     contradict each other
   */
  public static Tokenizer load(Path path) {
    FolderTokens.Found found = FolderTokens.read(TokenizerFile.read(locate(path)));
    ByteLevelBpeLayout layout = new ByteLevelBpeLayout(found.file());
    String difference = layout.difference();
    return difference.isEmpty()
        ? new ByteLevelBpe(layout.read(), found.file().added(), traits(found))
        : new DjlTokenizer(found.file(), traits(found), difference);
  }

  /** Loads any {@code tokenizer.json} through Hugging Face's native library. */
  public static Tokenizer loadNative(Path path) {
    FolderTokens.Found found = FolderTokens.read(TokenizerFile.read(locate(path)));
    return new DjlTokenizer(found.file(), traits(found), "asked for");
  }

  private static TokenizerTraits traits(FolderTokens.Found found) {
    return new TokenizerTraits(
        Template.read(found.file()), found.roles(), WordMarks.of(found.file().root()));
  }

  /** The file itself, or the one in a folder of a model or a run. */
  public static Path locate(Path path) {
    if (!Files.isDirectory(path)) {
      return path;
    }
    Path ofRun = path.resolve("model").resolve(FILE);
    Path own = path.resolve(FILE);
    return !Files.exists(own) && Files.exists(ofRun) ? ofRun : own;
  }

  /**
   * Gives a {@code tokenizer.json} special tokens behind the end of its vocabulary, in that order.
   *
   * @param hiding those that stand for hidden text: as that text had it, the white space before
   *     them belongs to them where somebody types them
   * @throws IOException if the file cannot be replaced
   */
  public static void addSpecials(Path path, List<String> names, Set<String> hiding)
      throws IOException {
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
          .put("lstrip", hiding.contains(name))
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
    }
    DurableFiles.replace(path, Json.content(file.root()));
  }
}
