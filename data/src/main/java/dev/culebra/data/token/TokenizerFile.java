package dev.culebra.data.token;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Hugging Face {@code tokenizer.json} that was read and whose vocabulary is sound: every id from
 * 0 to n-1 has one token, and no two share one.
 *
 * @param path where it was read
 * @param root the whole file
 * @param tokens the token of each id, added tokens included
 * @param added the added tokens in the order of their ids, which is the order in which Hugging
 *     Face's library numbers them, whatever the file says
 */
record TokenizerFile(Path path, ObjectNode root, List<String> tokens, List<AddedToken> added) {
  private static final long LARGEST = 256L << 20;

  /** No tokenizer is nested deeper than a few levels; the native library's reader gives out. */
  private static final int DEEPEST = 32;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNumberLength(Json.LONGEST_NUMBER)
                          .build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /**
   * Reads a file.
   *
   * @throws BadInputException if it is missing, truncated, not a tokenizer or contradicts itself
   */
  static TokenizerFile read(Path path) {
    if (!(parse(path) instanceof ObjectNode root)) {
      throw bad(path, "is not a JSON object");
    }
    if (!(root.get("model") instanceof ObjectNode model)) {
      throw bad(path, "has no \"model\"");
    }
    Map<String, Integer> ids = new LinkedHashMap<>();
    JsonNode vocab = model.path("vocab");
    if (vocab.isObject()) {
      vocab.properties().forEach(e -> put(path, ids, e.getKey(), e.getValue()));
    } else if (vocab.isArray()) { // Unigram: [token, score] in order of ids
      for (JsonNode entry : vocab) {
        if (!TokenizerParts.isPiece(entry)
            || ids.put(entry.get(0).stringValue(), ids.size()) != null) {
          throw bad(path, "has a vocabulary whose entry " + ids.size() + " is no new token");
        }
      }
    } else {
      throw bad(path, "has a \"model\" without \"vocab\"");
    }
    Map<Integer, AddedToken> added = new TreeMap<>();
    JsonNode list = root.path("added_tokens");
    if (!list.isArray() && !list.isMissingNode() && !list.isNull()) {
      throw bad(path, "has \"added_tokens\" that are no list");
    }
    for (JsonNode node : list) {
      if (node.path("content").isString()) {
        put(path, ids, node.get("content").stringValue(), node.path("id"));
      }
      AddedToken token = AddedToken.read(path, node.path("id").intValue(-1), node);
      added.put(token.id(), token);
    }
    List<String> tokens = byId(path, ids);
    new TokenizerParts(path).check(root);
    return new TokenizerFile(path, root, tokens, List.copyOf(added.values()));
  }

  /** The same file with other added tokens, whose ids it has. */
  TokenizerFile withAdded(Collection<AddedToken> others) {
    return new TokenizerFile(path, root, tokens, List.copyOf(others));
  }

  private static JsonNode parse(Path path) {
    try {
      long size = Files.size(path);
      if (size > LARGEST) {
        throw bad(path, Format.text("is %d bytes long; no tokenizer needs that", size));
      }
      return MAPPER.readTree(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new BadInputException(
          "Cannot read the tokenizer "
              + path
              + ": "
              + (Files.exists(path) ? e.getMessage() : "there is no such file"),
          e);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      throw new BadInputException(
          Format.text(
              "%s is not sound JSON%s: %s",
              path,
              at == null
                  ? ""
                  : Format.text(" at line %d, column %d", at.getLineNr(), at.getColumnNr()),
              Json.reason(e)),
          e);
    }
  }

  private static void put(Path path, Map<String, Integer> ids, String token, JsonNode id) {
    if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
      throw bad(path, Format.text("gives token \"%s\" the id %s", token, id));
    }
    Integer before = ids.put(token, id.intValue());
    if (before != null && before != id.intValue()) {
      throw bad(path, Format.text("gives token \"%s\" the ids %d and %s", token, before, id));
    }
  }

  private static List<String> byId(Path path, Map<String, Integer> ids) {
    int size = ids.size();
    String[] tokens = new String[size];
    ids.forEach(
        (token, id) -> {
          if (id >= size) {
            throw bad(
                path,
                Format.text(
                    "has %d tokens but gives \"%s\" the id %d: ids must run from 0 without gaps",
                    size, token, id));
          }
          if (tokens[id] != null) {
            throw bad(
                path, Format.text("gives \"%s\" and \"%s\" the same id %d", tokens[id], token, id));
          }
          tokens[id] = token;
        });
    if (size == 0) {
      throw bad(path, "has an empty vocabulary");
    }
    return Arrays.asList(tokens);
  }

  static BadInputException bad(Path path, String what) {
    return new BadInputException(path + " " + what + ": it is damaged or not a tokenizer.json");
  }
}
