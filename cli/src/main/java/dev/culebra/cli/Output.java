package dev.culebra.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How results are written. */
final class Output {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Output() {}

  /** An object as JSON on several lines; numbers that are none become null. */
  static String json(Map<String, ?> object) {
    Map<String, Object> valid = new LinkedHashMap<>(object);
    valid.replaceAll(
        (key, value) -> value instanceof Double d && !Double.isFinite(d) ? null : value);
    return JSON.writeValueAsString(valid);
  }
}
