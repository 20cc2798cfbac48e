package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What the files beside a {@code tokenizer.json} say of its special tokens. {@code
 * tokenizer_config.json}, {@code special_tokens_map.json} and {@code added_tokens.json} name them,
 * as transformers reads these files: what they name is special, and what they say twice must agree.
 * {@code config.json} and {@code generation_config.json} have ids.
 */
final class FolderTokens {
  /** Names transformers' classes of tokens; files hold them in {@link #CONFIG}. */
  static final String CONFIG = "tokenizer_config.json";

  /** What the model is, with ids of tokens. */
  static final String MODEL = "config.json";

  /** More names, in older folders. */
  static final String MAP = "special_tokens_map.json";

  /** Where {@link #CONFIG} holds added tokens. */
  static final String DECODER = "added_tokens_decoder";

  /** How a model writes. */
  static final String GENERATION = "generation_config.json";

  /** What the classes of transformers take for an id that their config.json leaves out. */
  private static final Map<String, Map<String, Integer>> USUAL =
      Map.of(
          "gpt2",
          Map.of("bos_token_id", 50_256, "eos_token_id", 50_256),
          "llama",
          Map.of("bos_token_id", 1, "eos_token_id", 2),
          "bert",
          Map.of("pad_token_id", 0),
          "electra",
          Map.of("pad_token_id", 0),
          "t5",
          Map.of("pad_token_id", 0, "eos_token_id", 1),
          "bart",
          Map.of(
              "bos_token_id",
              0,
              "pad_token_id",
              1,
              "eos_token_id",
              2,
              "decoder_start_token_id",
              2));

  private final Path folder;
  private final TokenizerFile file;
  private final Map<String, Integer> ids = new HashMap<>();
  private final Map<Integer, AddedToken> added = new TreeMap<>();
  private final Map<String, String> names = new LinkedHashMap<>();

  private FolderTokens(Path folder, TokenizerFile file) {
    this.folder = folder;
    this.file = file;
    for (int id = 0; id < file.tokens().size(); id++) {
      ids.put(file.tokens().get(id), id);
    }
    file.added().forEach(token -> added.put(token.id(), token));
  }

  /**
   * A tokenizer's file with what the files beside it say.
   *
   * @param file with the special tokens that those files name
   */
  record Found(TokenizerFile file, TokenRoles roles) {}

  /** Only a {@code tokenizer.json} belongs to the files beside it. */
  static Found read(TokenizerFile file) {
    Path folder = file.path().toAbsolutePath().getParent();
    if (folder == null || !file.path().endsWith(Tokenizers.FILE)) {
      return new Found(file, TokenRoles.NONE);
    }
    FolderTokens found = new FolderTokens(folder, file);
    found.readNames();
    TokenRoles roles = found.roles();
    return new Found(file.withAdded(found.added.values()), roles);
  }

  /** A file of the folder, or an empty object if there is none. */
  private JsonNode json(String name) {
    Path place = folder.resolve(name);
    if (!Files.exists(place)) {
      return Json.MAPPER.createObjectNode();
    }
    JsonNode node = Json.read(place);
    if (!node.isObject()) {
      throw new BadInputException(place + " holds no object: it is damaged or not a " + name);
    }
    return node;
  }

  private void readNames() {
    JsonNode config = json(CONFIG);
    TokenizerConfigKeys.check(folder.resolve(CONFIG), config, file);
    JsonNode decoder = config.path(DECODER);
    decoder.properties().forEach(entry -> flags(entry.getKey(), entry.getValue()));
    name(CONFIG, config);
    if (!decoder.isObject()) {
      name(MAP, json(MAP));
    }
    json("added_tokens.json")
        .properties()
        .forEach(entry -> agree("added_tokens.json", entry.getKey(), entry.getValue().asInt(-1)));
  }

  /** How {@code tokenizer_config.json} wants an added token to be found. */
  private void flags(String key, JsonNode node) {
    int id = key.matches("\\d{1,9}") ? Integer.parseInt(key) : -1;
    AddedToken token = AddedToken.read(folder.resolve(CONFIG), id, node);
    agree(CONFIG, token.content(), id);
    added.put(id, token);
  }

  private void agree(String where, String token, int id) {
    Integer own = ids.get(token);
    if (own == null || own != id) {
      throw new BadInputException(
          Format.text(
              "%s gives the added token \"%s\" the id %s, but %s %s: write the files anew",
              folder.resolve(where),
              token,
              id < 0 ? "of no number" : id,
              Tokenizers.FILE,
              own == null ? "has no such token" : "gives it the id " + own));
    }
  }

  private void name(String where, JsonNode config) {
    for (Map.Entry<String, JsonNode> entry : config.properties()) {
      String key = entry.getKey();
      if (key.endsWith("_token")) {
        special(where, key, content(entry.getValue()));
      } else if (key.equals("extra_special_tokens") || key.equals("additional_special_tokens")) {
        entry.getValue().forEach(token -> special(where, key, content(token)));
      }
    }
  }

  private static String content(JsonNode token) {
    return token.isObject() ? token.path("content").stringValue("") : token.stringValue("");
  }

  private void special(String where, String key, String token) {
    if (token.isEmpty()) {
      return;
    }
    Integer id = ids.get(token);
    if (id == null) {
      Notes.tell(
          Format.text(
              "%s names the %s \"%s\", which %s lacks: it is left out",
              folder.resolve(where), key, token, Tokenizers.FILE));
      return;
    }
    names.put(key, token);
    AddedToken known = added.get(id);
    added.put(id, known == null ? AddedToken.special(id, token) : known.asSpecial());
  }

  private TokenRoles roles() {
    JsonNode config = json(MODEL);
    JsonNode writing = json(GENERATION);
    List<Integer> ends = idsOf(MODEL, config, "eos_token_id");
    List<Integer> stops = idsOf(GENERATION, writing, "eos_token_id");
    int named = named("eos_token");
    compare("eos_token_id", ends, stops, "the first ends documents, the second generation");
    if (named >= 0 && !ends.isEmpty() && !ends.contains(named) && !stops.contains(named)) {
      Notes.tell(
          Format.text(
              "%s: %s names the eos_token \"%s\" (%d), but %s has the eos_token_id %s: that"
                  + " counts",
              folder, CONFIG, names.get("eos_token"), named, MODEL, shown(ends)));
    }
    List<Integer> last = named < 0 ? List.of() : List.of(named);
    return new TokenRoles(
        first(config, writing, "bos_token_id", "bos_token"),
        !ends.isEmpty() ? ends : !stops.isEmpty() ? stops : last,
        !stops.isEmpty() ? stops : !ends.isEmpty() ? ends : last,
        first(config, writing, "pad_token_id", "pad_token"),
        first(config, writing, "decoder_start_token_id", ""),
        first(config, writing, "forced_bos_token_id", ""),
        named("unk_token"),
        named("cls_token"),
        named("sep_token"),
        named("mask_token"));
  }

  /** What transformers takes for an id that the model's configuration leaves out, or null. */
  private Integer usual(String key) {
    String type = json(MODEL).path("model_type").stringValue("");
    return USUAL.getOrDefault(type, Map.of()).get(key);
  }

  /** How many ids the model beside the tokenizer knows; 0 if nothing says so. */
  private int modelIds() {
    return json(MODEL).path("vocab_size").asInt(0);
  }

  /** Says which of two files counts where they do not agree. */
  private void compare(String key, List<Integer> model, List<Integer> writing, String counts) {
    if (!model.isEmpty() && !writing.isEmpty() && !Set.copyOf(model).equals(Set.copyOf(writing))) {
      Notes.tell(
          Format.text(
              "%s: %s is %s in %s, but %s in %s: %s",
              folder, key, shown(model), MODEL, shown(writing), GENERATION, counts));
    }
  }

  private static String shown(List<Integer> ids) {
    return ids.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private int named(String key) {
    return names.containsKey(key) ? ids.get(names.get(key)) : -1;
  }

  private int first(JsonNode config, JsonNode writing, String key, String name) {
    List<Integer> first = idsOf(GENERATION, writing, key);
    List<Integer> second = idsOf(MODEL, config, key);
    compare(key, second, first, "the second counts");
    return Stream.of(first, second).flatMap(List::stream).findFirst().orElseGet(() -> named(name));
  }

  /** The ids of a key, which holds a number, a list or nothing. */
  private List<Integer> idsOf(String where, JsonNode config, String key) {
    JsonNode value = config.path(key);
    if (value.isMissingNode()) {
      Integer usual = where.equals(MODEL) ? usual(key) : null;
      AddedToken token = usual == null ? null : added.get(usual);
      return token != null && token.special() ? List.of(usual) : List.of();
    }
    List<Integer> found = new ArrayList<>();
    for (JsonNode one : value.isArray() ? value : List.of(value)) {
      if (one.isNull()) {
        continue;
      }
      if (!one.isIntegralNumber() || !one.canConvertToInt()) {
        throw new BadInputException(
            Format.text(
                "%s: %s must be a token id, a list of them or null, not %s",
                folder.resolve(where), key, value));
      }
      int id = one.intValue();
      boolean usual = Integer.valueOf(id).equals(usual(key)); // written if nobody thinks of it
      if (id >= Math.max(file.tokens().size(), modelIds()) && !usual) {
        throw new BadInputException(
            Format.text(
                "%s: %s %d is no token id: %s has the ids 0 to %d",
                folder.resolve(where), key, id, Tokenizers.FILE, file.tokens().size() - 1));
      }
      if (id >= file.tokens().size()) { // a model may have more ids than its tokenizer
        Notes.tell(
            Format.text(
                "%s: %s %d is no id of the %d in %s: it is left out",
                folder.resolve(where), key, id, file.tokens().size(), Tokenizers.FILE));
      } else if (id >= 0) {
        found.add(id);
      }
    }
    return found;
  }
}
