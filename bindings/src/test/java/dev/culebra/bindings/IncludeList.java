package dev.culebra.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The names that {@code includes/} gives for one generated class.
 *
 * @param functions C functions
 * @param constants enumerators and macros
 * @param structures structures, by the names that C code gives them
 */
record IncludeList(List<String> functions, List<String> constants, List<String> structures) {

  private static final Path FOLDER =
      Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("includes");

  /** The list of a class, such as {@code Cuda} of the library {@code cuda}. */
  static IncludeList of(Class<?> binding) throws IOException {
    String[] names = binding.getName().split("\\.");
    Path file = FOLDER.resolve(names[names.length - 2]).resolve(names[names.length - 1] + ".txt");
    List<String> lines = Files.readAllLines(file);
    return new IncludeList(
        names(lines, "function"), names(lines, "constant"), names(lines, "typedef"));
  }

  private static List<String> names(List<String> lines, String kind) {
    String option = "--include-" + kind + " ";
    return lines.stream()
        .filter(line -> line.startsWith(option))
        .map(line -> line.substring(option.length()))
        .toList();
  }
}
