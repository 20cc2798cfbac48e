package dev.culebra.data.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code objective_vectors.json}: what the reference implementations answered. */
public final class Vectors {
  private static final JsonNode ROOT = read();

  private Vectors() {}

  private static JsonNode read() {
    try (InputStream in = Vectors.class.getResourceAsStream("/objective_vectors.json")) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static JsonNode section(String name) {
    return ROOT.required(name);
  }

  public static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
  }

  public static double[] doubles(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::doubleValue)
        .toArray();
  }

  /** Numbers 0 and 1, whole or not, as truth. */
  public static boolean[] flags(JsonNode array) {
    boolean[] flags = new boolean[array.size()];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = array.get(i).doubleValue() != 0;
    }
    return flags;
  }
}
