package dev.culebra.objectives.corpus;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes a pair of a JSON object. */
final class JsonPair {
  private static final JsonMapper MAPPER = JsonMapper.builder(JsonLines.FACTORY).build();

  private final PairFields fields;

  JsonPair(PairFields fields) {
    this.fields = fields;
  }

  /**
   * Reads one object.
   *
   * @throws BadInputException if it is none, or lacks a side
   */
  TextPair read(Place where, String json) {
    JsonNode object = parse(where, json);
    if (!object.isObject()) {
      throw new BadInputException(where + " is not a JSON object");
    }
    JsonNode group = object.path(fields.group());
    return fields.pair(
        string(object, fields.source(), where),
        string(object, fields.target(), where),
        group.isValueNode() && !group.isNull() ? group.asString() : "",
        negatives(object.path(fields.negatives()), where),
        where);
  }

  /** What a text of JSON says. */
  static JsonNode parse(Place where, String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw JsonLines.notJson(where, e);
    }
  }

  /** The string in a field. */
  static String string(JsonNode object, String field, Place where) {
    JsonNode value = object.path(field);
    if (value.isMissingNode()) {
      throw new BadInputException(
          Format.text(
              "%s has no field \"%s\"; it has %s",
              where, field, String.join(", ", object.propertyNames())));
    }
    if (!value.isString()) {
      throw new BadInputException(
          Format.text("%s has a field \"%s\" that is not a string", where, field));
    }
    return value.stringValue();
  }

  private List<String> negatives(JsonNode list, Place where) {
    List<String> negatives = new ArrayList<>();
    if (list.isMissingNode() || list.isNull()) {
      return negatives;
    }
    for (JsonNode negative : list) {
      if (negative.isString() && !negative.stringValue().isBlank()) {
        negatives.add(negative.stringValue().strip());
      } else {
        throw notTexts(where);
      }
    }
    if (!list.isArray()) {
      throw notTexts(where);
    }
    return negatives;
  }

  private BadInputException notTexts(Place where) {
    return new BadInputException(
        Format.text(
            "%s has a field \"%s\" that is not a list of texts", where, fields.negatives()));
  }
}
