package dev.culebra.objectives.training;

import dev.culebra.objectives.corpus.DataPaths;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The data of a recipe, or the sample that ships with the program. */
final class Samples {

  private Samples() {}

  /** Entries of a recipe's data that begin so name what ships in {@code data/sample}. */
  private static final String SAMPLE = "sample:";

  /**
   * Where a recipe's data lies.
   *
   * @param sample name in {@code data/sample} of what is used when the recipe names none
   */
  static List<Path> paths(Recipe recipe, String sample) {
    String given = recipe.get(Settings.DATA);
    if (given.startsWith(SAMPLE)) {
      return Arrays.stream(given.split(","))
          .map(entry -> shipped(entry.strip().replaceFirst("^" + SAMPLE, "")))
          .toList();
    }
    return given.isEmpty() ? List.of(shipped(sample)) : DataPaths.of(given);
  }

  private static Path shipped(String sample) {
    Path home = Path.of(System.getProperty("culebra.home", ""));
    Path path = home.resolve("data").resolve("sample").resolve(sample);
    if (!Files.exists(path)) {
      throw new BadInputException(
          "no data is given and the sample is not at "
              + path.toAbsolutePath()
              + ": give --data, or start the program in its own folder");
    }
    return path;
  }

  /** Paths for people. */
  static String described(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
  }
}
