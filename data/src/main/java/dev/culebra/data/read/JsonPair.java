package dev.culebra.data.read;

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
    return fields.pair(
        text(object, fields.source(), where),
        text(object, fields.target(), where),
        group(object, where),
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
          Format.text(
              "%s has a field \"%s\" that is not a string: it is %s", where, field, kind(value)));
    }
    return value.stringValue();
  }

  /** The text in a field; an integer or true or false is one, too: a label. */
  private static String text(JsonNode object, String field, Place where) {
    JsonNode value = object.path(field);
    return isLabel(value) ? value.asString() : string(object, field, where);
  }

  private static boolean isLabel(JsonNode value) {
    return value.isIntegralNumber() || value.isBoolean();
  }

  private String group(JsonNode object, Place where) {
    JsonNode group = object.path(fields.group());
    if (group.isMissingNode() || group.isNull()) {
      return "";
    }
    if (!group.isValueNode()) {
      throw new BadInputException(
          Format.text(
              "%s has a field \"%s\" that is %s, not a string or a number",
              where, fields.group(), kind(group)));
    }
    return group.asString();
  }

  /** What a value is, for people. */
  private static String kind(JsonNode value) {
    if (value.isNull()) {
      return "null";
    }
    if (value.isNumber()) {
      return "a number with a fraction";
    }
    return value.isArray() ? "a list" : value.isObject() ? "an object" : "true or false";
  }

  private List<String> negatives(JsonNode list, Place where) {
    List<String> negatives = new ArrayList<>();
    if (list.isMissingNode() || list.isNull()) {
      return negatives;
    }
    for (JsonNode negative : list) {
      String text = isLabel(negative) ? negative.asString() : negative.stringValue("");
      if (!text.isBlank()) {
        negatives.add(text.strip());
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
