package dev.culebra.data.token;

import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A token that is found in a text before the model cuts it, as Hugging Face's tokenizers have it.
 *
 * @param id its id
 * @param content how it is written
 * @param singleWord whether it is found only where no letter stands beside it
 * @param lstrip whether white space before it belongs to it
 * @param rstrip whether white space behind it belongs to it
 * @param normalized whether it is looked for in the normalized text
 * @param special whether it is no part of documents, but begins, ends, separates or hides
 */
record AddedToken(
    int id,
    String content,
    boolean singleWord,
    boolean lstrip,
    boolean rstrip,
    boolean normalized,
    boolean special) {

  /** A special token as most files have it. */
  static AddedToken special(int id, String content) {
    return new AddedToken(id, content, false, false, false, false, true);
  }

  /**
   * Reads one; what is missing is false, but a token that is not special is normalized.
   *
   * @param origin where it stands, for complaints
   */
  static AddedToken read(Path origin, int id, JsonNode node) {
    JsonNode content = node.path("content");
    if (!content.isString()) {
      throw TokenizerFile.bad(origin, "has an added token without \"content\"");
    }
    String text = content.stringValue();
    if (text.isEmpty()) {
      throw TokenizerFile.bad(origin, "has an added token of no characters, id " + id);
    }
    boolean special = flag(origin, node, "special", false);
    return new AddedToken(
        id,
        text,
        flag(origin, node, "single_word", false),
        flag(origin, node, "lstrip", false),
        flag(origin, node, "rstrip", false),
        flag(origin, node, "normalized", !special),
        special);
  }

  private static boolean flag(Path origin, JsonNode node, String key, boolean fallback) {
    JsonNode flag = node.path(key);
    if (flag.isMissingNode() || flag.isNull()) {
      return fallback;
    }
    if (!flag.isBoolean()) {
      throw TokenizerFile.bad(
          origin,
          Format.text("gives the added token %s the %s %s", node.path("content"), key, flag));
    }
    return flag.booleanValue();
  }

  AddedToken asSpecial() {
    return new AddedToken(id, content, singleWord, lstrip, rstrip, normalized, true);
  }

  /** The same token under another name, which no text has. */
  AddedToken renamed(String name) {
    return new AddedToken(id, name, false, false, false, false, special);
  }

  /** Writes it as {@code tokenizer.json} has it. */
  void write(ObjectNode to) {
    to.put("id", id)
        .put("content", content)
        .put("single_word", singleWord)
        .put("lstrip", lstrip)
        .put("rstrip", rstrip)
        .put("normalized", normalized)
        .put("special", special);
  }
}
