package dev.culebra.objectives.corpus;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON Lines: one object per line, one document per object, taken from one of its fields. Blank
 * lines are passed over. Only the current line is in memory.
 */
final class JsonLines {
  private static final int LONGEST_LINE = 1 << 30;
  private static final int MOST_NAMED = 20;
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private final Path file;
  private final String field;
  private byte[] line = new byte[1 << 12];
  private int length;
  private long number;

  JsonLines(Path file, String field) {
    this.file = file;
    this.field = field;
  }

  /** Gives the documents to {@code sink}. */
  void read(InputStream in, Consumer<Document> sink) throws IOException {
    long offset = 0;
    byte[] chunk = new byte[1 << 16];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      int from = 0;
      for (int i = 0; i < read; i++) {
        if (chunk[i] == '\n') {
          append(chunk, from, i + 1);
          from = i + 1;
          offset = endLine(offset, sink);
        }
      }
      append(chunk, from, read);
    }
    if (length > 0) {
      endLine(offset, sink);
    }
  }

  private void append(byte[] chunk, int from, int to) {
    int more = to - from;
    if (more > LONGEST_LINE - length) {
      throw new BadInputException(
          "%s:%d is a line of more than 1 GiB: cut its text".formatted(file, number + 1));
    }
    if (length + more > line.length) {
      line =
          Arrays.copyOf(
              line, (int) Math.max(length + more, Math.min(LONGEST_LINE, 2L * line.length)));
    }
    System.arraycopy(chunk, from, line, length, more);
    length += more;
  }

  private long endLine(long offset, Consumer<Document> sink) {
    int start = number == 0 ? StrictUtf8.byteOrderMark(line, length) : 0;
    String json = StrictUtf8.decode(line, start, length, file, offset + start);
    long next = offset + length;
    number++;
    length = 0;
    if (!json.isBlank()) {
      String text = text(json);
      if (!text.isEmpty()) {
        sink.accept(new Document(text, file + ":" + number));
      }
    }
    return next;
  }

  private String text(String json) {
    String text = null;
    List<String> others = new ArrayList<>();
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw bad("is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (!name.equals(field)) {
          if (others.size() < MOST_NAMED) {
            others.add(name);
          }
          parser.skipChildren();
        } else if (value == JsonToken.VALUE_STRING) {
          text = parser.getString();
        } else {
          throw bad("has a field \"" + field + "\" that is not a string");
        }
      }
      if (parser.nextToken() != null) {
        throw bad("has more than one JSON object");
      }
    } catch (JacksonException e) {
      throw new BadInputException(
          "%s:%d is not JSON: %s"
              .formatted(file, number, e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
    if (text == null) {
      throw bad(
          others.isEmpty()
              ? "has no fields, so no \"" + field + "\""
              : "has no field \"%s\"; it has %s".formatted(field, String.join(", ", others)));
    }
    return text;
  }

  private BadInputException bad(String what) {
    return new BadInputException("%s:%d %s".formatted(file, number, what));
  }
}
