package dev.culebra.test.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/** Changes JSON where it says something: values and keys, rather than braces and commas. */
final class Trees {
  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final int LARGEST = 1 << 16;

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "3",
          "-0.0",
          "0.5",
          "1.5",
          "65536",
          "2147483647",
          "2147483648",
          "-2147483648",
          "9223372036854775807",
          "9223372036854775808",
          "1e308",
          "1e400",
          "-1e400",
          "1e-400",
          "123456789012345678901234567890",
          "1e999999999",
          "9".repeat(900),
          "\"\"",
          "\" \"",
          "\"a\"",
          "\"1\"",
          "\"true\"",
          "\"NaN\"",
          "\"\\u0000\"",
          "\"\\u001b[2J\"",
          "\"a\\nb\"",
          "\"\\u202eabc\"",
          "\"\\ud800\"",
          "\"../../x\"",
          "\"/etc/passwd\"",
          "\"%s%n\"",
          "\"(((\"",
          "\"" + "x".repeat(3000) + "\"",
          "[]",
          "{}",
          "[null]",
          "[[]]",
          "[0]",
          "[1,2,3]",
          "[\"a\",1.5]",
          "{\"\":\"\"}",
          "{\"type\":\"Sequence\"}",
          "{\"a\":null}");

  private record Slot(JsonNode parent, String key, int index) {
    JsonNode value() {
      return key == null ? parent.get(index) : parent.get(key);
    }

    void set(JsonNode value) {
      if (parent instanceof ObjectNode object) {
        object.set(key, value);
      } else {
        ((ArrayNode) parent).set(index, value);
      }
    }

    void remove() {
      if (parent instanceof ObjectNode object) {
        object.remove(key);
      } else {
        ((ArrayNode) parent).remove(index);
      }
    }
  }

  private Trees() {}

  /**
   * JSON with one to four changes.
   *
   * @return the same text if it is no JSON, or would become very long
   */
  static String mutate(String json, RandomGenerator random) {
    try {
      JsonNode root = MAPPER.readTree(json);
      for (int changes = 1 + random.nextInt(4) * random.nextInt(2); changes > 0; changes--) {
        root = changed(root, random);
      }
      String text = MAPPER.writeValueAsString(root);
      return text.length() <= Math.max(LARGEST, 2 * json.length()) ? text : json;
    } catch (JacksonException e) {
      return json;
    }
  }

  private static JsonNode changed(JsonNode root, RandomGenerator random) {
    List<Slot> slots = new ArrayList<>();
    collect(root, slots);
    if (slots.isEmpty() || random.nextInt(200) == 0) {
      return value(random);
    }
    // Large lists would take nearly all changes otherwise.
    Slot slot = slots.get(random.nextInt(slots.size()));
    if (random.nextInt(3) > 0 && slot.parent().size() > 40) {
      slot = slots.get(random.nextInt(Math.min(slots.size(), 20)));
    }
    Slot other = slots.get(random.nextInt(slots.size()));
    JsonNode value = slot.value();
    switch (random.nextInt(12)) {
      case 0 -> slot.remove();
      case 1, 2, 3 -> slot.set(value(random));
      case 4 -> slot.set(nested(value, random));
      case 5 -> slot.set(other.value().deepCopy());
      case 6 -> duplicate(slot, random);
      case 7 -> rename(slot, other, random);
      case 8 -> cut(value, random);
      default -> slot.set(near(value, random));
    }
    return root;
  }

  private static void collect(JsonNode node, List<Slot> slots) {
    switch (node) {
      case ObjectNode object ->
          object
              .properties()
              .forEach(
                  entry -> {
                    slots.add(new Slot(object, entry.getKey(), 0));
                    collect(entry.getValue(), slots);
                  });
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          slots.add(new Slot(array, null, i));
          collect(array.get(i), slots);
        }
      }
      default -> {}
    }
  }

  private static JsonNode raw(String json) {
    return MAPPER.getNodeFactory().rawValueNode(new RawValue(json));
  }

  private static JsonNode value(RandomGenerator random) {
    return raw(VALUES.get(random.nextInt(VALUES.size())));
  }

  private static JsonNode nested(JsonNode value, RandomGenerator random) {
    int[] depths = {1, 2, 33, 70, 200, 600, 1100, 4000};
    int depth = depths[random.nextInt(depths.length)];
    String inside = MAPPER.writeValueAsString(value);
    return random.nextBoolean()
        ? raw("[".repeat(depth) + inside + "]".repeat(depth))
        : raw("{\"a\":".repeat(depth) + inside + "}".repeat(depth));
  }

  private static void duplicate(Slot slot, RandomGenerator random) {
    if (slot.parent() instanceof ArrayNode array) {
      int times = random.nextInt(10) == 0 ? 300 : 1;
      for (int i = 0; i < times; i++) {
        array.insert(slot.index(), slot.value().deepCopy());
      }
      return;
    }
    String value = MAPPER.writeValueAsString(slot.value());
    String again = random.nextBoolean() ? value : MAPPER.writeValueAsString(value(random));
    slot.set(raw(value + "," + MAPPER.writeValueAsString(slot.key()) + ":" + again));
  }

  private static void rename(Slot slot, Slot other, RandomGenerator random) {
    if (!(slot.parent() instanceof ObjectNode object)) {
      slot.set(other.value().deepCopy());
      return;
    }
    JsonNode value = slot.value();
    slot.remove();
    String key = slot.key();
    object.set(
        switch (random.nextInt(4)) {
          case 0 -> key + "x";
          case 1 -> "";
          case 2 -> key.substring(key.length() / 2) + "\u0000\n\u202e";
          default -> other.key() == null ? "type" : other.key();
        },
        value);
  }

  private static void cut(JsonNode value, RandomGenerator random) {
    if (value instanceof ArrayNode array) {
      int kept = array.isEmpty() ? 0 : random.nextInt(array.size());
      while (array.size() > kept) {
        array.remove(array.size() - 1);
      }
    } else if (value instanceof ObjectNode object) {
      object.removeAll();
    }
  }

  private static JsonNode near(JsonNode value, RandomGenerator random) {
    if (value.isNumber()) {
      return number(value, random);
    }
    if (value.isString()) {
      return raw(MAPPER.writeValueAsString(text(value.stringValue(), random)));
    }
    if (value.isBoolean()) {
      return raw(value.booleanValue() ? "false" : "true");
    }
    return value.isNull() ? value(random) : raw(MAPPER.writeValueAsString(value.toString()));
  }

  private static JsonNode number(JsonNode value, RandomGenerator random) {
    String plain = value.asString();
    double number = value.doubleValue();
    return raw(
        switch (random.nextInt(9)) {
          case 0 -> Long.toString((long) number + 1);
          case 1 -> Long.toString((long) number - 1);
          case 2 -> Long.toString(2 * (long) number);
          case 3 -> Long.toString((long) number / 2);
          case 4 -> Long.toString(-(long) number);
          case 5 -> Long.toString(1000L * (long) number + 1);
          case 6 -> "\"" + plain + "\"";
          case 7 -> "[" + plain + "]";
          default -> Double.isFinite(number) ? Double.toString(number + 0.25) : "0";
        });
  }

  private static String text(String value, RandomGenerator random) {
    int at = value.isEmpty() ? 0 : random.nextInt(value.length());
    String odd =
        List.of("\u0000", "\n", "\t", "\u001b", "\u202e", "\ud83d", "(", "\\", "\u00e9", " ", "0")
            .get(random.nextInt(11));
    return switch (random.nextInt(6)) {
      case 0 -> value.substring(0, at);
      case 1 -> value.substring(at);
      case 2 -> value.substring(0, at) + odd + value.substring(at);
      case 3 -> value + value;
      case 4 -> value.isEmpty() ? odd : value.substring(0, at) + odd + value.substring(at + 1);
      default -> new StringBuilder(value).reverse().toString();
    };
  }
}
