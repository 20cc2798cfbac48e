package dev.culebra.train.setup;

import dev.culebra.data.read.DataPaths;
import dev.culebra.data.read.PairFields;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Setting;
import dev.culebra.train.recipe.Settings;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The data of a recipe, or the sample that ships with the program. */
public final class DataFiles {

  private DataFiles() {}

  /** Entries of a list of data that begin so name what ships in {@code data/sample}. */
  private static final String SAMPLE = "sample:";

  /** Between entries: the colon of {@link #SAMPLE} is none. */
  private static final Pattern BETWEEN =
      Pattern.compile(Format.text("[,%s](?<!\\b%s)", File.pathSeparator, SAMPLE));

  /**
   * Where a recipe's data lies.
   *
   * @param sample name in {@code data/sample} of what is used when the recipe names none
   */
  public static List<Path> paths(Recipe recipe, String sample) {
    String given = recipe.get(Settings.DATA);
    return named(given.isEmpty() ? SAMPLE + sample : given);
  }

  /**
   * The paths of a list as {@link DataPaths} parts it, in which {@code sample:NAME} stands for what
   * ships.
   *
   * @throws BadInputException if a name is empty or no path, or nothing of that name ships
   */
  public static List<Path> named(String list) {
    if (!list.contains(SAMPLE)) {
      return DataPaths.of(list);
    }
    return Arrays.stream(BETWEEN.split(list, -1))
        .map(String::strip)
        .flatMap(
            entry ->
                entry.startsWith(SAMPLE)
                    ? Stream.of(shipped(entry.substring(SAMPLE.length())))
                    : DataPaths.of(entry).stream())
        .toList();
  }

  /**
   * The fields of a recipe's pairs.
   *
   * @throws BadInputException if two are the same, or a side has none
   */
  public static PairFields fields(Recipe recipe) {
    Map<String, String> keys = new HashMap<>();
    List<Setting<String>> settings =
        List.of(
            Settings.SOURCE_FIELD,
            Settings.TARGET_FIELD,
            Settings.GROUP_FIELD,
            Settings.NEGATIVES_FIELD);
    for (Setting<String> setting : settings) {
      String field = recipe.get(setting);
      String other = keys.putIfAbsent(field, setting.key());
      if (other != null && !field.isEmpty()) {
        throw new BadInputException(
            Format.text(
                "%s and %s both name \"%s\": name different fields, or none for the latter",
                other, setting.key(), field));
      }
    }
    if (recipe.get(Settings.SOURCE_FIELD).isEmpty()
        || recipe.get(Settings.TARGET_FIELD).isEmpty()) {
      throw new BadInputException(
          "A pair has two texts: name a field in data.sourceField and in data.targetField");
    }
    return new PairFields(
        recipe.get(Settings.SOURCE_FIELD),
        recipe.get(Settings.TARGET_FIELD),
        recipe.get(Settings.GROUP_FIELD),
        recipe.get(Settings.NEGATIVES_FIELD),
        header(recipe));
  }

  /** Whether the first lines of a recipe's tables name their columns. */
  public static PairFields.Header header(Recipe recipe) {
    return PairFields.Header.valueOf(recipe.get(Settings.HEADER).toUpperCase(Locale.ROOT));
  }

  private static Path shipped(String name) {
    Path home = Path.of(System.getProperty("culebra.home", ""));
    Path folder = home.resolve("data").resolve("sample");
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(
          "the sample data is not at "
              + folder.toAbsolutePath()
              + ": give --data, or start the program in its own folder");
    }
    Path path = folder.resolve(name);
    if (name.isEmpty() || !Files.exists(path)) {
      throw new BadInputException(
          Format.text("there is no sample \"%s\": there are %s", name, names(folder)));
    }
    return path;
  }

  private static String names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .sorted()
          .collect(Collectors.joining(", "));
    } catch (IOException e) {
      throw new BadInputException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Paths for people. */
  public static String described(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
  }
}
