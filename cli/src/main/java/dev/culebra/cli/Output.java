package dev.culebra.cli;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** How results are written. */
final class Output {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private Output() {}

  /** A value as JSON on several lines. */
  static String json(Object value) {
    return JSON.writeValueAsString(value);
  }
}
