package dev.culebra.objectives.architecture;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * A {@code config.json} by its keys; a missing or null key has the default of Hugging Face's class.
 *
 * @param file for complaints
 */
record ConfigFile(Path file, JsonNode config) {

  /**
   * Reads a file.
   *
   * @throws BadInputException if it is no object
   */
  static ConfigFile read(Path file) {
    JsonNode config = Json.read(file);
    if (!config.isObject()) {
      throw new BadInputException(file + " is not a model's configuration: it holds no object");
    }
    return new ConfigFile(file, config);
  }

  /** The family's name: what transformers calls model_type, or the class's name in diffusers. */
  String modelType() {
    return text("model_type", text("_class_name", ""));
  }

  /** The configuration of a part of the model. */
  ConfigFile part(String key) {
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

  int count(String key, int fallback) {
    int count = countOrZero(key, fallback);
    if (count == 0) {
      throw new BadInputException(file + ": " + key + " must be a positive number, not 0");
    }
    return count;
  }

  int countOrZero(String key, int fallback) {
    JsonNode node = node(key);
    if (node == null) {
      return fallback;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
      throw new BadInputException(file + ": " + key + " must be a positive number, not " + node);
    }
    return node.intValue();
  }

  double real(String key, double fallback) {
    JsonNode node = node(key);
    if (node == null) {
      return fallback;
    }
    if (!node.isNumber()) {
      throw new BadInputException(file + ": " + key + " must be a number, not " + node);
    }
    return node.doubleValue();
  }

  String text(String key, String fallback) {
    JsonNode node = node(key);
    return node == null ? fallback : node.asString();
  }

  boolean flag(String key, boolean fallback) {
    JsonNode node = node(key);
    return node == null ? fallback : node.asBoolean();
  }

  void only(String key, String fallback, String... supported) {
    String value = text(key, fallback);
    for (String one : supported) {
      if (one.equals(value)) {
        return;
      }
    }
    throw unsupported(key, value, supported[0]);
  }

  BadInputException unsupported(String key, String value, String supported) {
    return new BadInputException(
        file + ": " + key + " '" + value + "' is not supported; only '" + supported + "' is");
  }
}
