package dev.culebra.data.read;

import dev.culebra.data.read.Template.Message;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A dialogue in a JSON object, in either of the forms that are common: {@code "messages"} of {@code
 * role} and {@code content} (OpenAI's, and that of chat templates) and {@code "conversations"} of
 * {@code from} and {@code value} (ShareGPT's, whose {@code human} and {@code gpt} are user and
 * assistant). A content is a text, or a list of parts that are texts.
 */
final class Dialogue {
  private final JsonParser parser;
  private final Place where;

  /**
   * A dialogue to read.
   *
   * @param parser at the beginning of its list
   */
  Dialogue(JsonParser parser, Place where) {
    this.parser = parser;
    this.where = where;
  }

  /** Whether a field of a row has a dialogue by its name. */
  static boolean isField(String name) {
    return name.equals("messages") || name.equals("conversations");
  }

  /** Reads the list to its end. */
  List<Message> messages() {
    List<Message> messages = new ArrayList<>();
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      messages.add(message());
    }
    if (parser.currentToken() != JsonToken.END_ARRAY) {
      throw JsonLines.bad(
          where,
          "has a message that is not an object of \"role\" and \"content\", or of \"from\" and"
              + " \"value\"");
    }
    return messages;
  }

  private Message message() {
    String role = null;
    String content = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (name) {
        case "role" -> role = JsonLines.string(parser, where, name);
        case "from" -> role = role(JsonLines.string(parser, where, name));
        case "content", "value" -> content = content(name);
        case "tool_calls", "function_call" -> {
          if (value != JsonToken.VALUE_NULL && !isEmptyList(value)) {
            throw JsonLines.bad(
                where, "has a message with \"" + name + "\", which no template writes");
          }
        }
        default -> parser.skipChildren();
      }
    }
    if (role == null || content == null) {
      throw JsonLines.bad(
          where, "has a message without \"" + (role == null ? "role" : "content") + "\"");
    }
    return new Message(role, content);
  }

  private boolean isEmptyList(JsonToken value) {
    return value == JsonToken.START_ARRAY && parser.nextToken() == JsonToken.END_ARRAY;
  }

  /** ShareGPT's speakers by the names that templates and chat models know. */
  private static String role(String from) {
    return switch (from) {
      case "human" -> "user";
      case "gpt", "chatgpt", "bing", "bard" -> "assistant";
      case "observation", "function_response" -> "tool";
      default -> from;
    };
  }

  private String content(String field) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      return JsonLines.string(parser, where, field);
    }
    StringBuilder text = new StringBuilder();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      text.append(
          parser.currentToken() == JsonToken.START_OBJECT
              ? part()
              : JsonLines.string(parser, where, field));
    }
    return text.toString();
  }

  private String part() {
    String type = "text";
    String text = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "type" -> type = JsonLines.string(parser, where, name);
        case "text" -> text = JsonLines.string(parser, where, name);
        default -> parser.skipChildren();
      }
    }
    if (!type.equals("text") || text == null) {
      throw JsonLines.bad(
          where,
          Format.text(
              "has a message with a part of type \"%s\"%s: only parts of text are read",
              type, type.equals("text") ? " and no text" : ""));
    }
    return text;
  }
}
