package dev.culebra.data.token;

import dev.culebra.runtime.text.Format;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Tells whether a {@code tokenizer.json} is byte-level BPE as {@link ByteLevelBpe} does it (GPT-2's
 * own file is), and reads it.
 */
final class ByteLevelBpeLayout {
  private final TokenizerFile file;
  private final JsonNode root;
  private final JsonNode model;

  ByteLevelBpeLayout(TokenizerFile file) {
    this.file = file;
    this.root = file.root();
    this.model = root.get("model");
  }

  /** Why {@link ByteLevelBpe} cannot do what the file says; empty if it can. */
  String difference() {
    if (!model.path("type").stringValue("").equals("BPE")) {
      return "its model is " + model.path("type").stringValue("unnamed");
    }
    for (String option :
        List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
      JsonNode value = model.path(option);
      boolean none = value.isMissingNode() || value.isNull() || value.stringValue("-").isEmpty();
      if (!none) {
        return "its model has the option " + option;
      }
    }
    for (String option : List.of("byte_fallback", "ignore_merges")) {
      if (model.path(option).booleanValue(false)) {
        return "its model has the option " + option;
      }
    }
    if (!root.path("normalizer").isNull() && !root.path("normalizer").isMissingNode()) {
      return "it has a normalizer";
    }
    JsonNode words = root.path("pre_tokenizer");
    if (!isByteLevel(words)
        || words.path("add_prefix_space").booleanValue(true)
        || !words.path("use_regex").booleanValue(true)) {
      return "its pre_tokenizer is not GPT-2's";
    }
    return isByteLevel(root.path("decoder"))
        ? vocabularyDifference()
        : "its decoder is not ByteLevel";
  }

  private String vocabularyDifference() {
    if (file.added().stream().anyMatch(token -> !token.special())) {
      return "it has added tokens that are not special";
    }
    Set<String> tokens = Set.copyOf(file.tokens());
    for (int b = 0; b < 256; b++) {
      if (!tokens.contains(String.valueOf(ByteAlphabet.charOf(b)))) {
        return "its vocabulary lacks byte " + b;
      }
    }
    return "";
  }

  private static boolean isByteLevel(JsonNode stage) {
    return stage.path("type").stringValue("").equals("ByteLevel");
  }

  /** The vocabulary of a file without {@link #difference}. */
  BpeVocabulary read() {
    List<String> tokens = file.tokens();
    Map<String, Integer> ids = HashMap.newHashMap(tokens.size());
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
    List<Integer> specials = file.added().stream().map(AddedToken::id).toList();
    JsonNode list = model.path("merges");
    if (!list.isArray()) {
      throw TokenizerFile.bad(file.path(), "has a \"model\" without \"merges\"");
    }
    long[] merges = new long[list.size()];
    int[] results = new int[list.size()];
    PairMap seen = new PairMap(merges.length);
    for (int i = 0; i < merges.length; i++) {
      String[] pair = pair(list.get(i), i);
      int left = idOf(ids, pair[0], pair, i);
      int right = idOf(ids, pair[1], pair, i);
      merges[i] = PairMap.pair(left, right);
      results[i] = idOf(ids, pair[0] + pair[1], pair, i);
      if (seen.putIfAbsent(merges[i], i) != PairMap.ABSENT) {
        throw TokenizerFile.bad(
            file.path(), Format.text("has merge %d, \"%s %s\", twice", i, pair[0], pair[1]));
      }
    }
    return new BpeVocabulary(tokens, specials, merges, results);
  }

  private String[] pair(JsonNode merge, int i) {
    if (merge.isString()) {
      String[] pair = merge.stringValue().split(" ", -1);
      if (pair.length == 2) {
        return pair;
      }
    } else if (merge.size() == 2 && merge.get(0).isString() && merge.get(1).isString()) {
      return new String[] {merge.get(0).stringValue(), merge.get(1).stringValue()};
    }
    throw TokenizerFile.bad(
        file.path(), Format.text("has merge %d, %s, which is no pair", i, merge));
  }

  private int idOf(Map<String, Integer> ids, String token, String[] pair, int i) {
    Integer id = ids.get(token);
    if (id == null) {
      throw TokenizerFile.bad(
          file.path(),
          Format.text("has merge %d, \"%s %s\", but no token \"%s\"", i, pair[0], pair[1], token));
    }
    return id;
  }
}
