package dev.culebra.runtime.io;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/**
 * What each key of another program's JSON file means here. A key is honoured, or it must have one
 * of a few values, or it does not matter. Any other key is noted by its name, so that nothing that
 * a file says is passed over in silence.
 *
 * <pre>{@code
 * KeyTable.of("gpt2")
 *     .honoured("n_embd", "n_layer")
 *     .only("scale_attn_weights", true, true)
 *     .ignored("summary_type", "use_cache");
 * }</pre>
 */
public final class KeyTable {

  /** What becomes of a key. */
  public enum Use {
    /** Its value is read. */
    HONOURED,
    /** It must have one of a few values. */
    ONLY,
    /** It changes nothing of what is computed here. */
    IGNORED
  }

  /**
   * One key.
   *
   * @param absent the value that a file without the key means; only for {@link Use#ONLY}
   * @param supported the values that the key may have; only for {@link Use#ONLY}
   */
  public record Key(String name, Use use, JsonNode absent, List<JsonNode> supported) {}

  private final String kind;
  private final SequencedMap<String, Key> keys = new LinkedHashMap<>();
  private final SequencedMap<String, Key> borrowed = new LinkedHashMap<>();

  private KeyTable(String kind) {
    this.kind = kind;
  }

  /** An empty table of a kind of file, such as {@code "gpt2"}. */
  public static KeyTable of(String kind) {
    return new KeyTable(kind);
  }

  /** The kind of file. */
  public String kind() {
    return kind;
  }

  /** Keys whose values are read. */
  public KeyTable honoured(String... names) {
    return all(Use.HONOURED, names);
  }

  /** Keys that change nothing of what is computed here. */
  public KeyTable ignored(String... names) {
    return all(Use.IGNORED, names);
  }

  /**
   * A key that must have one of a few values: strings, numbers, booleans or null.
   *
   * @param absent what a file without the key means; a file that lacks it is refused if that is not
   *     supported
   */
  public KeyTable only(String name, Object absent, Object... supported) {
    List<JsonNode> values = Arrays.stream(supported).map(KeyTable::node).toList();
    return put(new Key(name, Use.ONLY, node(absent), values));
  }

  /**
   * The keys of another kind of file, which may stand in this one too, each with the meaning that
   * it has there unless this table gives it one, before or after.
   */
  public KeyTable alsoOf(KeyTable other) {
    borrowed.putAll(other.keys());
    return this;
  }

  private KeyTable all(Use use, String... names) {
    for (String name : names) {
      put(new Key(name, use, NullNode.getInstance(), List.of()));
    }
    return this;
  }

  private KeyTable put(Key key) {
    if (keys.putIfAbsent(key.name, key) != null) {
      throw new IllegalArgumentException(kind + " has the key twice: " + key.name);
    }
    return this;
  }

  /** The keys in the order of the table. */
  public SequencedMap<String, Key> keys() {
    SequencedMap<String, Key> all = new LinkedHashMap<>(keys);
    borrowed.forEach(all::putIfAbsent);
    return Collections.unmodifiableSequencedMap(all);
  }

  /**
   * Refuses values that are not supported, and notes keys that the table lacks.
   *
   * @param file for the sentence
   * @param object the file's value, or the part of it that this table is about
   * @throws BadInputException if it is no object, or a key has a value that is not supported
   */
  public void check(Path file, JsonNode object) {
    if (!object.isObject()) {
      throw new BadInputException(file + " must hold a JSON object, not " + shown(object));
    }
    SequencedMap<String, Key> known = keys();
    for (Key key : known.values()) {
      if (key.use == Use.ONLY) {
        checkValue(file, key, object.get(key.name));
      }
    }
    for (Map.Entry<String, JsonNode> entry : object.properties()) {
      if (!known.containsKey(entry.getKey())) {
        Notes.tell(
            Format.text(
                "%s: the key %s = %s is not known for %s, and changes nothing",
                file, IoErrors.quote(entry.getKey()), shown(entry.getValue()), kind));
      }
    }
  }

  private void checkValue(Path file, Key key, JsonNode given) {
    JsonNode value = given == null ? key.absent : given;
    if (key.supported.stream().noneMatch(one -> same(one, value))) {
      throw new BadInputException(
          Format.text(
              "%s: %s %s is not supported for %s; only %s is",
              file,
              key.name,
              given == null ? "is missing, which means " + value + ", and that" : shown(value),
              kind,
              key.supported.stream().map(JsonNode::toString).collect(Collectors.joining(" or "))));
    }
  }

  /** Numbers are the same by value: 1 and 1.0. */
  private static boolean same(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.doubleValue() == other.doubleValue()
        : one.equals(other);
  }

  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private static JsonNode node(Object value) {
    return value == null ? NullNode.getInstance() : Json.MAPPER.valueToTree(value);
  }
}
