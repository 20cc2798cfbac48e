package dev.culebra.data.token;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What Hugging Face's library is given of a {@code tokenizer.json}: the stages that make ids of a
 * text and a text of ids. Added tokens stand in the order of their ids, for the library numbers
 * those that the model lacks in the order in which they come. Templates, truncation and padding are
 * left out: {@link Template} is ours, and nothing is cut or filled up here.
 */
final class NativeTokenizerJson {
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");

  private NativeTokenizerJson() {}

  /** All of it. */
  static String whole(TokenizerFile file) {
    return json(file, file.root().get("model"), file.added());
  }

  /** The same, in which special tokens keep their ids but have names that no text has. */
  static String hidingSpecials(TokenizerFile file) {
    String hidden = UUID.randomUUID().toString();
    JsonNode model = file.root().get("model");
    Set<String> specials =
        file.added().stream()
            .filter(AddedToken::special)
            .map(AddedToken::content)
            .collect(Collectors.toCollection(HashSet::new));
    specials.removeIf(name -> BYTE.matcher(name).matches() || isUnknown(name, model));
    removeMerged(specials, model.path("merges"));
    Map<String, String> names = new HashMap<>();
    List<AddedToken> added = new ArrayList<>();
    for (AddedToken token : file.added()) {
      if (!token.special()) {
        added.add(token);
      } else if (specials.contains(token.content())) {
        names.put(token.content(), hidden + ":" + token.id());
        added.add(token.renamed(names.get(token.content())));
      } else if (!isKnown(token.content(), model.path("vocab"))) {
        added.add(token.renamed(hidden + ":" + token.id())); // keeps the ids of those behind it
      }
    }
    return json(file, renamed(model, names), added);
  }

  /** A tokenizer that makes one token of whatever the normalizer leaves of a text. */
  static String normalizing(TokenizerFile file) {
    ObjectNode model = JsonNodeFactory.instance.objectNode();
    model.put("type", "WordLevel").put("unk_token", "u").putObject("vocab").put("u", 0);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("version", "1.0");
    json.set("normalizer", file.root().get("normalizer"));
    json.set("model", model);
    return json.toString();
  }

  private static String json(TokenizerFile file, JsonNode model, List<AddedToken> added) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("version", "1.0");
    ArrayNode list = json.putArray("added_tokens");
    added.forEach(token -> token.write(list.addObject()));
    for (String stage : List.of("normalizer", "pre_tokenizer", "decoder")) {
      json.set(stage, file.root().path(stage).isMissingNode() ? null : file.root().get(stage));
    }
    json.set("model", model);
    return json.toString();
  }

  /** The unknown token is the model's own: it must find it by its name. */
  private static boolean isUnknown(String name, JsonNode model) {
    JsonNode id = model.path("unk_id");
    return name.equals(model.path("unk_token").stringValue(""))
        || (id.canConvertToInt()
            && name.equals(model.path("vocab").path(id.intValue()).path(0).stringValue("")));
  }

  private static boolean isKnown(String name, JsonNode vocab) {
    if (vocab.isObject()) {
      return vocab.has(name);
    }
    for (JsonNode piece : vocab) {
      if (piece.path(0).stringValue("").equals(name)) {
        return true;
      }
    }
    return false;
  }

  /**
   * What merges make or are made of keeps its name: a text that spells it gets it from the model.
   */
  private static void removeMerged(Set<String> names, JsonNode merges) {
    for (JsonNode merge : merges) {
      String[] pair =
          merge.isString()
              ? merge.stringValue().split(" ", 2)
              : new String[] {merge.path(0).stringValue(""), merge.path(1).stringValue("")};
      names.removeAll(List.of(pair));
      names.remove(String.join("", pair));
    }
  }

  private static JsonNode renamed(JsonNode model, Map<String, String> names) {
    if (names.isEmpty()) {
      return model;
    }
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    model.properties().forEach(entry -> copy.set(entry.getKey(), entry.getValue()));
    JsonNode vocab = model.path("vocab");
    if (vocab.isObject()) {
      ObjectNode tokens = copy.putObject("vocab");
      vocab
          .properties()
          .forEach(e -> tokens.set(names.getOrDefault(e.getKey(), e.getKey()), e.getValue()));
    } else {
      ArrayNode pieces = copy.putArray("vocab");
      for (JsonNode piece : vocab) {
        String name = piece.get(0).stringValue();
        if (names.containsKey(name)) {
          pieces.addArray().add(names.get(name)).add(piece.get(1));
        } else {
          pieces.add(piece);
        }
      }
    }
    return copy;
  }
}
