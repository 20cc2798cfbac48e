package dev.culebra.train.inference;

import dev.culebra.models.SentenceFolder;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * What a folder of Sentence Transformers does to a text before it becomes tokens: a prompt stands
 * before it, and all may become lower case.
 *
 * @param folder null for one that says nothing
 */
record TextPrompts(SentenceFolder folder) {

  /** What an embedding is for. */
  enum Use {
    /** Neither of the others. */
    ANY,
    /** To find others. */
    QUERY,
    /** To be found. */
    DOCUMENT
  }

  /** Those of a model's folder. */
  static TextPrompts of(Path folder, DualEncoder model) {
    return new TextPrompts(
        SentenceFolder.is(folder)
            ? SentenceFolder.read(folder, model.context(), model.dimension())
            : null);
  }

  /**
   * The prompt of a use, as Sentence Transformers chooses it; empty for none. Its prompts always
   * have one for queries and one for documents, empty if the folder has not, so that neither the
   * usual one nor one of another name stands before these.
   */
  String prompt(Use use) {
    if (folder == null) {
      return "";
    }
    SequencedMap<String, String> prompts = folder.prompts();
    return switch (use) {
      case ANY -> prompts.getOrDefault(folder.usual(), "");
      case QUERY -> prompts.getOrDefault("query", "");
      case DOCUMENT -> {
        if (!prompts.containsKey("document")) {
          Stream.of("passage", "corpus")
              .filter(prompts::containsKey)
              .findFirst()
              .ifPresent(this::tellUnused);
        }
        yield prompts.getOrDefault("document", "");
      }
    };
  }

  private void tellUnused(String name) {
    Notes.tell(
        Format.text(
            "%s has a prompt %s and none called document: no prompt stands before documents, as in"
                + " sentence-transformers; embed --prompt %s puts it there",
            folder.folder(), name, name));
  }

  /**
   * The prompt of a name.
   *
   * @throws BadInputException if there is none
   */
  String named(String name) {
    String prompt = folder == null ? null : folder.prompts().get(name);
    if (prompt == null) {
      String known =
          folder == null || folder.prompts().isEmpty()
              ? "the model has no prompts"
              : "its prompts are " + String.join(", ", folder.prompts().keySet());
      throw new BadInputException(Format.text("there is no prompt %s: %s", name, known));
    }
    return prompt;
  }

  /**
   * A text as the tokenizer gets it.
   *
   * @throws BadInputException if the rows of a prompt should not be pooled
   */
  String before(String prompt, String text) {
    if (folder == null) {
      return prompt + text;
    }
    if (!prompt.isEmpty() && !folder.withPrompt()) {
      throw new BadInputException(
          Format.text(
              "%s leaves the tokens of the prompt \"%s\" out of its pooling (include_prompt:"
                  + " false), which is not supported",
              folder.folder(), prompt));
    }
    String whole = prompt + text;
    return folder.lower() ? lower(whole) : whole;
  }

  /** As the tokenizers library: character by character, the same in every country. */
  private static String lower(String text) {
    StringBuilder lower = new StringBuilder(text.length());
    text.codePoints().forEach(c -> lower.append(Character.toString(c).toLowerCase(Locale.ROOT)));
    return lower.toString();
  }

  /**
   * Whether products of embeddings are what they are compared by, not cosines.
   *
   * @throws BadInputException if they are compared in yet another way
   */
  boolean byProduct() {
    String similarity = folder == null ? "cosine" : folder.similarity();
    return switch (similarity) {
      case "cosine" -> false;
      case "dot" -> true;
      default ->
          throw new BadInputException(
              Format.text(
                  "%s: similarity_fn_name %s is not supported to search by; cosine and dot are",
                  folder.folder(), similarity));
    };
  }
}
