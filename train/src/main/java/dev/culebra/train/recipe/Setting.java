package dev.culebra.train.recipe;

import dev.culebra.runtime.BadInputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One thing a recipe can set: its key, its default and how it is read. All of them stand in {@link
 * Settings}.
 *
 * @param key dotted, as {@code --set} and flattened YAML name it
 * @param fallback the value if nobody sets it
 * @param parser reads the text of a value; its complaint says what was expected
 * @param description one line for people
 */
public record Setting<T>(String key, T fallback, Function<String, T> parser, String description) {

  private static final Map<String, Setting<?>> ALL = new LinkedHashMap<>();

  private static <T> Setting<T> define(Setting<T> setting) {
    if (ALL.put(setting.key, setting) != null) {
      throw new IllegalStateException("two settings are called " + setting.key);
    }
    return setting;
  }

  static Setting<String> text(String key, String fallback, String description) {
    return define(new Setting<>(key, fallback, s -> s, description));
  }

  static Setting<String> choice(String key, List<String> choices, String description) {
    return define(
        new Setting<>(
            key,
            choices.getFirst(),
            s -> {
              if (!choices.contains(s)) {
                throw new BadInputException("one of " + String.join(", ", choices));
              }
              return s;
            },
            description + " (" + String.join(", ", choices) + ")"));
  }

  static Setting<Boolean> flag(String key, boolean fallback, String description) {
    return define(
        new Setting<>(
            key,
            fallback,
            s ->
                switch (s) {
                  case "true" -> true;
                  case "false" -> false;
                  default -> throw new BadInputException("true or false");
                },
            description));
  }

  static Setting<Integer> integer(
      String key, int fallback, int least, int most, String description) {
    return define(new Setting<>(key, fallback, s -> (int) number(s, least, most), description));
  }

  static Setting<Long> whole(String key, long fallback, String description) {
    return define(
        new Setting<>(key, fallback, s -> number(s, Long.MIN_VALUE, Long.MAX_VALUE), description));
  }

  private static long number(String text, long least, long most) {
    String range =
        most == Long.MAX_VALUE
            ? "a whole number"
            : most == Integer.MAX_VALUE
                ? "a whole number of at least " + least
                : "a whole number from " + least + " to " + most;
    try {
      long value = Long.parseLong(text.replace("_", ""));
      if (value < least || value > most) {
        throw new BadInputException(range);
      }
      return value;
    } catch (NumberFormatException e) {
      throw new BadInputException(range, e);
    }
  }

  static Setting<Double> real(
      String key, double fallback, double least, double most, String description) {
    return define(
        new Setting<>(
            key,
            fallback,
            s -> {
              String range =
                  most == Double.MAX_VALUE
                      ? "a number of at least " + least
                      : "a number from " + least + " to " + most;
              try {
                double value = Double.parseDouble(s);
                if (!(value >= least && value <= most)) {
                  throw new BadInputException(range);
                }
                return value;
              } catch (NumberFormatException e) {
                throw new BadInputException(range, e);
              }
            },
            description));
  }

  /** All settings, in the order of {@link Settings}. */
  public static List<Setting<?>> all() {
    Settings.load();
    return List.copyOf(ALL.values());
  }

  /**
   * The setting of that key.
   *
   * @param where where the key stands, for the complaint
   * @throws BadInputException if there is none, with the nearest keys
   */
  public static Setting<?> of(String key, String where) {
    Settings.load();
    Setting<?> setting = ALL.get(key);
    if (setting == null) {
      throw new BadInputException(
          where
              + ": there is no setting '"
              + key
              + "'"
              + NearNames.of(key, ALL.keySet())
                  .orElse("; 'culebra help settings' lists all there are"));
    }
    return setting;
  }

  /** Reads a value; the complaint names key and place. */
  T parse(String value, String where) {
    try {
      return parser.apply(value.strip());
    } catch (BadInputException e) {
      throw new BadInputException(
          where + ": " + key + " must be " + e.getMessage() + ", not '" + value + "'", e);
    }
  }
}
