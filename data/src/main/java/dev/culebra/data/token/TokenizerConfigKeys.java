package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.KeyTable;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a {@code tokenizer_config.json} says beside the names of special tokens. {@code
 * tokenizer.json} makes the ids: what both say must agree.
 */
final class TokenizerConfigKeys {

  /** What each key means here, beside those that name a token: they end in {@code _token}. */
  static final KeyTable KEYS =
      KeyTable.of("tokenizers")
          .honoured(FolderTokens.DECODER, "extra_special_tokens", "additional_special_tokens")
          .honoured("do_lower_case", "tokenize_chinese_chars", "strip_accents")
          .honoured("add_prefix_space", "add_bos_token", "add_eos_token")
          .honoured("split_special_tokens", "truncation_side")
          .ignored("tokenizer_class", "backend", "processor_class", "auto_map", "use_fast")
          .ignored("tokenizer_file", "vocab_file", "merges_file", "special_tokens_map_file")
          .ignored("name_or_path", "_commit_hash", "_name_or_path", "is_local", "local_files_only")
          .ignored("transformers_version", "device_map", "trust_remote_code", "config")
          // the model's own context bounds texts, and nothing is filled up to a length
          .ignored("model_max_length", "max_length", "max_len", "stride", "padding_side")
          .ignored("truncation", "truncation_strategy", "padding", "pad_to_multiple_of")
          .ignored("pad_token_type_id", "pad_token_id", "model_input_names")
          // dialogues have layouts of their own, see data.template
          .ignored("chat_template", "response_schema", "use_default_system_prompt")
          // about spaces beside punctuation where ids become text for people
          .ignored("clean_up_tokenization_spaces", "spaces_between_special_tokens", "errors")
          // how other kinds of files become a tokenizer.json
          .ignored("legacy", "legacy_behaviour", "sp_model_kwargs", "extra_ids", "from_slow")
          .ignored("add_dummy_prefix_space", "do_basic_tokenize", "never_split", "trim_offsets")
          .ignored("wordpieces_prefix", "clean_text", "normalization", "add_special_tokens");

  private TokenizerConfigKeys() {}

  /**
   * Checks the keys that {@code tokenizer.json} has, too.
   *
   * @throws BadInputException if they do not agree
   */
  static void check(Path place, JsonNode config, TokenizerFile file) {
    ObjectNode others = Json.MAPPER.createObjectNode();
    config.properties().stream()
        .filter(entry -> !entry.getKey().endsWith("_token"))
        .forEach(entry -> others.set(entry.getKey(), entry.getValue()));
    KEYS.check(place, others);
    unless(place, config, "split_special_tokens", "false", "what is typed as one is one");
    unless(place, config, "truncation_side", "\"right\"", "long texts are cut at their end");
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

  /** Says that a value is not followed, unless it is the only one that is. */
  private static void unless(
      Path place, JsonNode config, String key, String followed, String instead) {
    JsonNode given = config.path(key);
    if (!given.isMissingNode() && !given.isNull() && !given.toString().equals(followed)) {
      Notes.tell(Format.text("%s: %s %s is not followed: %s", place, key, given, instead));
    }
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
