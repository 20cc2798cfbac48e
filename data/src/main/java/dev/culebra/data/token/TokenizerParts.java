package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * The parts of a {@code tokenizer.json} that Hugging Face's tokenizers know, and what their keys
 * hold. Nothing else is given to the native library: its reader is not made for what it does not
 * know.
 *
 * @param path of the file, for complaints
 */
record TokenizerParts(Path path) {
  private static final Predicate<JsonNode> FLAG = JsonNode::isBoolean;
  private static final Predicate<JsonNode> TEXT = JsonNode::isString;
  private static final Predicate<JsonNode> CHARACTER =
      node ->
          node.isString() && node.stringValue().codePointCount(0, node.stringValue().length()) == 1;
  private static final Predicate<JsonNode> COUNT =
      node -> node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= 0;
  private static final Predicate<JsonNode> LENGTH = COUNT.and(node -> node.intValue() > 0);
  private static final Predicate<JsonNode> CHARS_MAP =
      node -> node.isString() && CharsMap.isSound(node.stringValue());
  private static final Predicate<JsonNode> LIST = JsonNode::isArray;
  private static final Predicate<JsonNode> OBJECT = JsonNode::isObject;
  private static final Predicate<JsonNode> TOKEN =
      node ->
          node.isArray() && node.size() == 2 && TEXT.test(node.get(0)) && COUNT.test(node.get(1));
  private static final Predicate<JsonNode> PATTERN =
      node -> node.isObject() && (TEXT.test(node.path("String")) || TEXT.test(node.path("Regex")));
  private static final Predicate<JsonNode> SHARE =
      node -> node.isNumber() && node.doubleValue() >= 0 && node.doubleValue() <= 1;

  /** Keys and what they hold; a key with a question mark may be absent or null. */
  private static final Map<String, Predicate<JsonNode>> BYTE_LEVEL =
      Map.of("add_prefix_space?", FLAG, "trim_offsets?", FLAG, "use_regex?", FLAG);

  private static final Map<String, Predicate<JsonNode>> METASPACE =
      Map.of(
          "replacement",
          CHARACTER,
          "add_prefix_space?",
          FLAG,
          "prepend_scheme?",
          TEXT,
          "split?",
          FLAG);

  private static final Map<String, Map<String, Predicate<JsonNode>>> NORMALIZERS =
      Map.ofEntries(
          Map.entry(
              "BertNormalizer",
              Map.of(
                  "clean_text",
                  FLAG,
                  "handle_chinese_chars",
                  FLAG,
                  "strip_accents?",
                  FLAG,
                  "lowercase",
                  FLAG)),
          Map.entry("Strip", Map.of("strip_left", FLAG, "strip_right", FLAG)),
          Map.entry("StripAccents", Map.of()),
          Map.entry("NFC", Map.of()),
          Map.entry("NFD", Map.of()),
          Map.entry("NFKC", Map.of()),
          Map.entry("NFKD", Map.of()),
          Map.entry("Lowercase", Map.of()),
          Map.entry("Nmt", Map.of()),
          Map.entry("ByteLevel", Map.of()),
          Map.entry("Precompiled", Map.of("precompiled_charsmap", CHARS_MAP)),
          Map.entry("Replace", Map.of("pattern", PATTERN, "content", TEXT)),
          Map.entry("Prepend", Map.of("prepend", TEXT)),
          Map.entry("Sequence", Map.of("normalizers", LIST)));

  private static final Map<String, Map<String, Predicate<JsonNode>>> PRE_TOKENIZERS =
      Map.ofEntries(
          Map.entry("BertPreTokenizer", Map.of()),
          Map.entry("ByteLevel", BYTE_LEVEL),
          Map.entry("CharDelimiterSplit", Map.of("delimiter", CHARACTER)),
          Map.entry("Metaspace", METASPACE),
          Map.entry("Whitespace", Map.of()),
          Map.entry("WhitespaceSplit", Map.of()),
          Map.entry("Split", Map.of("pattern", PATTERN, "behavior", TEXT, "invert", FLAG)),
          Map.entry("Punctuation", Map.of("behavior?", TEXT)),
          Map.entry("Digits", Map.of("individual_digits", FLAG)),
          Map.entry("UnicodeScripts", Map.of()),
          Map.entry("FixedLength", Map.of("length?", LENGTH)),
          Map.entry("Sequence", Map.of("pretokenizers", LIST)));

  private static final Map<String, Map<String, Predicate<JsonNode>>> DECODERS =
      Map.ofEntries(
          Map.entry("BPEDecoder", Map.of("suffix", TEXT)),
          Map.entry("ByteLevel", BYTE_LEVEL),
          Map.entry("WordPiece", Map.of("prefix", TEXT, "cleanup", FLAG)),
          Map.entry("Metaspace", METASPACE),
          Map.entry(
              "CTC", Map.of("pad_token", TEXT, "word_delimiter_token", TEXT, "cleanup", FLAG)),
          Map.entry("Replace", Map.of("pattern", PATTERN, "content", TEXT)),
          Map.entry("Fuse", Map.of()),
          Map.entry("Strip", Map.of("content", CHARACTER, "start", COUNT, "stop", COUNT)),
          Map.entry("ByteFallback", Map.of()),
          Map.entry("Sequence", Map.of("decoders", LIST)));

  private static final Map<String, Map<String, Predicate<JsonNode>>> POST_PROCESSORS =
      Map.ofEntries(
          Map.entry("BertProcessing", Map.of("sep", TOKEN, "cls", TOKEN)),
          Map.entry("RobertaProcessing", Map.of("sep", TOKEN, "cls", TOKEN)),
          Map.entry("ByteLevel", BYTE_LEVEL),
          Map.entry("TemplateProcessing", Map.of("single", LIST, "special_tokens", OBJECT)),
          Map.entry("Sequence", Map.of("processors", LIST)));

  private static final Map<String, Map<String, Predicate<JsonNode>>> MODELS =
      Map.ofEntries(
          Map.entry(
              "BPE",
              Map.of(
                  "dropout?",
                  SHARE,
                  "unk_token?",
                  TEXT,
                  "continuing_subword_prefix?",
                  TEXT,
                  "end_of_word_suffix?",
                  TEXT,
                  "fuse_unk?",
                  FLAG,
                  "byte_fallback?",
                  FLAG,
                  "ignore_merges?",
                  FLAG,
                  "vocab",
                  OBJECT,
                  "merges",
                  LIST)),
          Map.entry(
              "WordPiece",
              Map.of(
                  "unk_token?",
                  TEXT,
                  "continuing_subword_prefix?",
                  TEXT,
                  "max_input_chars_per_word?",
                  COUNT,
                  "vocab",
                  OBJECT)),
          Map.entry("WordLevel", Map.of("unk_token?", TEXT, "vocab", OBJECT)),
          Map.entry("Unigram", Map.of("unk_id?", COUNT, "byte_fallback?", FLAG, "vocab", LIST)));

  /**
   * Checks all parts.
   *
   * @throws BadInputException if one is of an unknown type, or a key of it holds something else
   */
  void check(JsonNode root) {
    check(root, "normalizer", NORMALIZERS, "normalizers");
    check(root, "pre_tokenizer", PRE_TOKENIZERS, "pretokenizers");
    check(root, "decoder", DECODERS, "decoders");
    check(root, "post_processor", POST_PROCESSORS, "processors");
    if (root.path("model").has("type")) { // old files lack it
      part("model", root.path("model"), MODELS, "");
    }
    merges(root.path("model"));
  }

  /** The native library cuts the prefix off each second part without looking, and ends the JVM. */
  private void merges(JsonNode model) {
    String prefix = model.path("continuing_subword_prefix").stringValue("");
    for (JsonNode merge : prefix.isEmpty() ? List.<JsonNode>of() : model.path("merges")) {
      String text = merge.stringValue("");
      String second =
          merge.isString() ? text.substring(text.indexOf(' ') + 1) : merge.path(1).stringValue("");
      if (!second.startsWith(prefix)) {
        throw TokenizerFile.bad(
            path,
            Format.text(
                "has a merge %s whose second part does not begin with the"
                    + " continuing_subword_prefix \"%s\"",
                merge, prefix));
      }
    }
  }

  private void check(
      JsonNode root, String key, Map<String, Map<String, Predicate<JsonNode>>> known, String list) {
    JsonNode part = root.path(key);
    if (!part.isMissingNode() && !part.isNull()) {
      part(key, part, known, list);
    }
  }

  private void part(
      String name,
      JsonNode part,
      Map<String, Map<String, Predicate<JsonNode>>> known,
      String list) {
    String type = part.path("type").stringValue("");
    Map<String, Predicate<JsonNode>> keys = known.get(type);
    if (keys == null) {
      throw new BadInputException(
          Format.text(
              "%s: the %s is %s, which is not supported; %s are",
              path,
              name,
              type.isEmpty() ? "without a type" : "of type \"" + type + "\"",
              String.join(", ", new TreeMap<>(known).keySet())));
    }
    new TreeMap<>(keys).forEach((key, holds) -> key(name + " " + type, part, key, holds));
    if (type.equals("Sequence")) {
      for (JsonNode inner : part.path(list)) {
        part(name, inner, known, list);
      }
    }
  }

  private void key(String name, JsonNode part, String key, Predicate<JsonNode> holds) {
    boolean optional = key.endsWith("?");
    String plain = optional ? key.substring(0, key.length() - 1) : key;
    JsonNode value = part.path(plain);
    if (optional && (value.isMissingNode() || value.isNull())) {
      return;
    }
    if (!holds.test(value)) {
      String text = value.isMissingNode() ? "nothing" : value.toString();
      throw TokenizerFile.bad(
          path,
          Format.text(
              "has a %s whose %s is %s",
              name, plain, text.length() > 80 ? text.substring(0, 80) + "..." : text));
    }
  }

  /** The entries of a Unigram's vocabulary are tokens with their scores. */
  static boolean isPiece(JsonNode entry) {
    return entry.isArray()
        && entry.size() == 2
        && TEXT.test(entry.get(0))
        && entry.get(1).isNumber();
  }

  /** All kinds of parts, for tests. */
  static List<Map<String, Map<String, Predicate<JsonNode>>>> all() {
    return List.of(NORMALIZERS, PRE_TOKENIZERS, DECODERS, POST_PROCESSORS, MODELS);
  }
}
