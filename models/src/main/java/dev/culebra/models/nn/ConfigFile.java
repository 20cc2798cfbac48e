package dev.culebra.models.nn;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.KeyTable;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A {@code config.json} by its keys; a missing or null key has the default of Hugging Face's class.
 *
 * @param file for complaints
 */
public record ConfigFile(Path file, JsonNode config) {

  /** Above all sizes that models have, and so that products of two are no overflow. */
  private static final int LARGEST = 1 << 24;

  /**
   * Reads a file.
   *
   * @throws BadInputException if it is no object
   */
  public static ConfigFile read(Path file) {
    JsonNode config = Json.read(file);
    if (!config.isObject()) {
      throw new BadInputException(file + " is not a model's configuration: it holds no object");
    }
    return new ConfigFile(file, config);
  }

  /** The family's name: what transformers calls model_type, or the class's name in diffusers. */
  public String modelType() {
    return text("model_type", text("_class_name", ""));
  }

  /** Whether it says something of a key. */
  public boolean has(String key) {
    return node(key) != null;
  }

  /** The configuration of a part of the model. */
  public ConfigFile part(String key) {
    JsonNode part = config.get(key);
    if (part == null || !part.isObject()) {
      throw new BadInputException(file + " has no " + key + ", which a " + modelType() + " needs");
    }
    return new ConfigFile(file, part);
  }

  private JsonNode node(String key) {
    JsonNode node = config.get(key);
    return node == null || node.isNull() ? null : node;
  }

  /** Refuses what a family does not support, and notes keys that nobody knows. */
  public ConfigFile check(KeyTable keys) {
    keys.check(file, config);
    return this;
  }

  /** A size: a number of at least 1, of a magnitude that models have. */
  public int count(String key, int fallback) {
    int count = countOrZero(key, fallback);
    if (count == 0) {
      throw new BadInputException(file + ": " + key + " must be a positive number, not 0");
    }
    return count;
  }

  /** A size that may be 0. */
  public int countOrZero(String key, int fallback) {
    JsonNode node = node(key);
    if (node == null) {
      return fallback;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
      throw wrong(key, "a positive whole number", node);
    }
    if (node.intValue() > LARGEST) {
      throw wrong(key, "at most " + LARGEST, node);
    }
    return node.intValue();
  }

  /** A token's id, the first of several, or {@code fallback}; negative ones mean none. */
  public int id(String key, int fallback) {
    JsonNode node = node(key);
    if (node != null && node.isArray() && !node.isEmpty()) {
      node = node.get(0);
    }
    if (node == null) {
      return fallback;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrong(key, "a token's id", node);
    }
    return node.intValue();
  }

  /** A finite number. */
  public double real(String key, double fallback) {
    JsonNode node = node(key);
    if (node == null) {
      return fallback;
    }
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw wrong(key, "a number", node);
    }
    return node.doubleValue();
  }

  /** A number above 0. */
  public double positive(String key, double fallback) {
    double value = real(key, fallback);
    if (!(value > 0) || !((float) value > 0)) {
      throw wrong(key, "a positive number", config.get(key));
    }
    return value;
  }

  public String text(String key, String fallback) {
    JsonNode node = node(key);
    if (node != null && !node.isString()) {
      throw wrong(key, "a text", node);
    }
    return node == null ? fallback : node.stringValue();
  }

  public boolean flag(String key, boolean fallback) {
    JsonNode node = node(key);
    if (node != null && !node.isBoolean()) {
      throw wrong(key, "true or false", node);
    }
    return node == null ? fallback : node.booleanValue();
  }

  /** The first of a list of texts, or an empty text. */
  public String first(String key) {
    JsonNode node = node(key);
    if (node == null || (node.isArray() && node.isEmpty())) {
      return "";
    }
    if (!node.isArray() || !node.get(0).isString()) {
      throw wrong(key, "a list of texts", node);
    }
    return node.get(0).stringValue();
  }

  /** Refuses a part of another family than the one that its {@code model_type} may leave out. */
  public ConfigFile ofType(String family) {
    String type = text("model_type", family);
    if (!type.equals(family)) {
      throw unsupported("model_type", type, family);
    }
    return this;
  }

  /** Refuses all sizes but one. */
  public void only(String key, int fallback, int supported) {
    int value = count(key, fallback);
    if (value != supported) {
      throw unsupported(key, String.valueOf(value), String.valueOf(supported));
    }
  }

  /** What a reader makes of it; complaints about sizes that do not go together name the file. */
  public <T> T read(Function<ConfigFile, T> reader) {
    try {
      return reader.apply(this);
    } catch (BadInputException e) {
      if (e.getMessage().startsWith(file.toString())) {
        throw e;
      }
      throw new BadInputException(file + ": " + e.getMessage(), e);
    }
  }

  private BadInputException wrong(String key, String wanted, JsonNode node) {
    String shown = node.toString();
    return new BadInputException(
        Format.text(
            "%s: %s must be %s, not %s",
            file, key, wanted, shown.length() <= 60 ? shown : shown.substring(0, 57) + "..."));
  }

  public BadInputException unsupported(String key, String value, String supported) {
    return new BadInputException(
        file + ": " + key + " '" + value + "' is not supported; only '" + supported + "' is");
  }
}
