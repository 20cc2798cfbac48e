package dev.culebra.data.read;

import dev.culebra.data.read.Template.Message;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON Lines: one object per line, one document per object, taken from one of its fields, or from
 * its {@link Dialogue}. Blank lines are passed over.
 */
final class JsonLines {
  /** Reads texts of any length. */
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private static final int MOST_NAMED = 20;

  private final String field;
  private final Template template;

  JsonLines(String field, Template template) {
    this.field = field;
    this.template = template;
  }

  /**
   * The document of a line; none if it is blank.
   *
   * @throws EmptyText if its text is empty, or its dialogue says nothing
   * @throws BadInputException if it is no document
   */
  List<Document> read(Place where, String line) {
    return line.isBlank() ? List.of() : List.of(new Document(text(line, where), where.toString()));
  }

  private String text(String json, Place where) {
    String text = null;
    boolean isNull = false;
    List<Message> dialogue = null;
    List<String> others = new ArrayList<>();
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw bad(where, "is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals(field) && value == JsonToken.VALUE_NULL) {
          isNull = true; // tables of texts and dialogues have both columns
        } else if (name.equals(field)) {
          text = string(parser, where, field);
        } else if (Dialogue.isField(name) && value == JsonToken.START_ARRAY && dialogue == null) {
          dialogue = new Dialogue(parser, where).messages();
        } else {
          if (others.size() < MOST_NAMED) {
            others.add(name);
          }
          parser.skipChildren();
        }
      }
      if (parser.nextToken() != null) {
        throw bad(where, "has more than one JSON object");
      }
    } catch (JacksonException e) {
      throw notJson(where, e);
    }
    if (text == null && dialogue == null && isNull) {
      throw notString(where, field);
    }
    if (text == null && dialogue == null) {
      throw bad(
          where,
          others.isEmpty()
              ? "has no fields, so no \"" + field + "\""
              : Format.text("has no field \"%s\"; it has %s", field, String.join(", ", others)));
    }
    if (text == null && dialogue.stream().allMatch(message -> message.content().isBlank())) {
      throw new EmptyText(where + " is a dialogue that says nothing");
    }
    if (text != null && text.isEmpty()) {
      throw new EmptyText(where + " has an empty text");
    }
    return text != null ? text : template.render(dialogue);
  }

  /** The string that a field has. */
  static String string(JsonParser parser, Place where, String field) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw notString(where, field);
    }
    return parser.getString();
  }

  private static BadInputException notString(Place where, String field) {
    return bad(where, "has a field \"" + field + "\" that is not a string");
  }

  /** Says what is wrong with a line that does not parse. */
  static BadInputException notJson(Place where, JacksonException e) {
    return new BadInputException(where + " is not JSON: " + Json.reason(e), e);
  }

  /** Something is wrong with a row. */
  static BadInputException bad(Place where, String what) {
    return new BadInputException(where + " " + what);
  }
}
