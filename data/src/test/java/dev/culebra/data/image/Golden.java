package dev.culebra.data.image;

import dev.culebra.runtime.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** What Pillow and transformers made; the script beside the file made it. */
final class Golden {
  private static final JsonNode ALL = read();

  private Golden() {}

  private static JsonNode read() {
    try (InputStream in = Golden.class.getResourceAsStream("pillow.json")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return Json.parse(text, "pillow.json", JsonNode.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<JsonNode> cases(String part) {
    return ALL.get(part).valueStream();
  }

  static byte[] bytes(JsonNode one, String key) {
    return Base64.getDecoder().decode(one.get(key).asString());
  }

  /** The file of a name. */
  static byte[] file(String name) {
    return bytes(
        cases("decoded").filter(one -> one.get("name").asString().equals(name)).findFirst().get(),
        "file");
  }
}
