package dev.culebra.objectives.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * What a {@code tokenizer_config.json} says beside the names of special tokens. {@code
 * tokenizer.json} makes the ids: what both say must agree.
 */
final class TokenizerConfigKeys {

  private TokenizerConfigKeys() {}

  /**
   * Checks the keys that {@code tokenizer.json} has, too.
   *
   * @throws BadInputException if they do not agree
   */
  static void check(Path place, JsonNode config, TokenizerFile file) {
    JsonNode normalizer = file.root().path("normalizer");
    JsonNode bert = find(normalizer, "BertNormalizer", "normalizers");
    boolean lower =
        bert == null
            ? find(normalizer, "Lowercase", "normalizers") != null
            : bert.path("lowercase").booleanValue(false);
    agree(place, config, "do_lower_case", lower);
    if (bert != null) {
      agree(place, config, "tokenize_chinese_chars", bert.path("handle_chinese_chars"));
      agree(place, config, "strip_accents", bert.path("strip_accents"));
    }
    JsonNode bytes = find(file.root().path("pre_tokenizer"), "ByteLevel", "pretokenizers");
    if (bytes != null) {
      agree(place, config, "add_prefix_space", bytes.path("add_prefix_space"));
    }
    Template template = Template.read(file);
    tell(place, config, "add_bos_token", !template.begin().isEmpty());
    tell(place, config, "add_eos_token", !template.end().isEmpty());
  }

  private static void agree(Path place, JsonNode config, String key, JsonNode own) {
    if (own.isBoolean()) {
      agree(place, config, key, own.booleanValue());
    }
  }

  private static void agree(Path place, JsonNode config, String key, boolean own) {
    JsonNode given = config.path(key);
    if (given.isBoolean() && given.booleanValue() != own) {
      throw new BadInputException(
          Format.text(
              "%s: %s is %s, but %s beside it does the opposite: make the two agree",
              place, key, given, Tokenizers.FILE));
    }
  }

  /** Transformers puts around a text what {@code tokenizer.json} says, whatever this says. */
  private static void tell(Path place, JsonNode config, String key, boolean own) {
    JsonNode given = config.path(key);
    if (given.isBoolean() && given.booleanValue() != own) {
      Notes.tell(
          Format.text(
              "%s: %s is %s, but the template of %s says otherwise, and that counts",
              place, key, given, Tokenizers.FILE));
    }
  }

  /** The first stage of a type, alone or in a sequence; null if there is none. */
  private static JsonNode find(JsonNode stage, String type, String list) {
    if (stage.path("type").stringValue("").equals(type)) {
      return stage;
    }
    for (JsonNode inner :
        stage.path("type").stringValue("").equals("Sequence")
            ? stage.path(list)
            : List.<JsonNode>of()) {
      JsonNode found = find(inner, type, list);
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
