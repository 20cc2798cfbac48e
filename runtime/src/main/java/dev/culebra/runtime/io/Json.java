package dev.culebra.runtime.io;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON files: written the same way every time, read with errors that point at the line.
 *
 * <p>The order of keys is fixed: records in the order of their declaration, maps sorted by key (the
 * order of a hash map changes from run to run), {@code ObjectNode}s as they were built. NaN and
 * infinities, which JSON lacks, are written as strings.
 *
 * <p>Reading is strict: one value per file, no key twice, no number missing from a record, UTF-8.
 * Keys that a record does not know are ignored, since files of other programs carry more than is
 * asked of them.
 */
public final class Json {
  private static final long LARGEST = 1L << 28;
  private static final Pattern ADVICE =
      Pattern.compile(
          " \\(index [^)]*\\); `Deserial.*$| \\(but might if coercion.*$| \\(bound as .*$|, from"
              + " `[\\w.]+\\(\\)`| \\((token )?`JsonToken\\.\\w+`\\)|(?<=`)(\\w+\\.)+(?=\\w+)");

  /** No number that fits a double has more; longer ones cannot be converted to any. */
  public static final int LONGEST_NUMBER = 300;

  /** The shared mapper; compact output, on one line. */
  public static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(LONGEST_NUMBER).build())
                  .build())
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  /** The same with line breaks and indentation, for files that people read. */
  public static final JsonMapper PRETTY =
      MAPPER.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Json() {}

  /**
   * The value that a file holds, as a tree.
   *
   * @throws BadInputException if the file cannot be read or is not JSON; names file, line and
   *     column
   */
  public static JsonNode read(Path file) {
    return read(file, JsonNode.class);
  }

  /**
   * The value that a file holds, as an object of a type, usually a record.
   *
   * @throws BadInputException if the file cannot be read, is not JSON or does not fit the type;
   *     names file, line and column
   */
  public static <T> T read(Path file, Class<T> type) {
    return parse(readText(file), file.toString(), type);
  }

  /**
   * The value in a text, as an object of a type.
   *
   * @param origin where the text is from, for the error: a file, or {@code file:line}
   * @throws BadInputException if the text is not JSON or does not fit the type
   */
  public static <T> T parse(String text, String origin, Class<T> type) {
    try {
      T value = MAPPER.readValue(text, type);
      if (isNothing(value)) {
        throw new BadInputException(origin + ": holds nothing, where a value should be.");
      }
      return value;
    } catch (JacksonException e) {
      throw new BadInputException(at(origin, e.getLocation()) + ": " + explain(e), e);
    }
  }

  /** A file's content: the value as indented JSON with a line feed at the end. */
  public static Content content(Object value) {
    return out -> {
      out.write(ByteBuffer.wrap(PRETTY.writeValueAsBytes(value)));
      out.write(ByteBuffer.wrap(new byte[] {'\n'}));
    };
  }

  private static String readText(Path file) {
    try {
      if (Files.size(file) > LARGEST) {
        throw new BadInputException(
            Format.text(
                "%s: its %d bytes are too many for a JSON file; the limit is %d.",
                file, Files.size(file), LARGEST));
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new BadInputException(file + ": its bytes are not UTF-8, so it is not JSON.", e);
    } catch (IOException e) {
      throw new BadInputException(file + ": cannot be read: " + IoErrors.reason(e) + ".", e);
    }
  }

  private static boolean isNothing(Object value) {
    return switch (value) {
      case null -> true;
      case JsonNode tree -> tree.isNull() || tree.isMissingNode();
      default -> false;
    };
  }

  private static String at(String origin, TokenStreamLocation location) {
    return location == null || location.getLineNr() < 1
        ? origin
        : origin + ":" + location.getLineNr() + ":" + location.getColumnNr();
  }

  private static String explain(JacksonException e) {
    String plain = reason(e);
    return plain.endsWith(".") ? plain : plain + ".";
  }

  /** What the library says is wrong, without its advice to programmers and the names of classes. */
  public static String reason(JacksonException e) {
    String text = e.getOriginalMessage().lines().findFirst().orElse("not valid JSON");
    return Format.plainDigits(ADVICE.matcher(text).replaceAll(""));
  }
}
