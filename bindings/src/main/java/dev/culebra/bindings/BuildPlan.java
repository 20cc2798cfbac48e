package dev.culebra.bindings;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a library is built from sources, as a text file says it.
 *
 * <p>A line {@code name: words} gives arguments of the compiler: {@code flags} for every command,
 * {@code link} for the last one, any other name for a variant of the build. Every other line names
 * a file: {@code .cpp} and {@code .S} files are compiled, the rest is only read by them. Empty
 * lines and those that begin with {@code #} say nothing.
 *
 * @param arguments name to words
 * @param files in order
 */
record BuildPlan(Map<String, List<String>> arguments, List<String> files) {

  static BuildPlan parse(String text) {
    Map<String, List<String>> arguments = new HashMap<>();
    List<String> files = new ArrayList<>();
    for (String line : text.lines().map(String::strip).toList()) {
      int colon = line.indexOf(':');
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      if (colon < 0) {
        files.add(line);
      } else {
        String words = line.substring(colon + 1).strip();
        arguments.put(
            line.substring(0, colon), words.isEmpty() ? List.of() : List.of(words.split("\\s+")));
      }
    }
    return new BuildPlan(Map.copyOf(arguments), List.copyOf(files));
  }

  /** The files that are compiled. */
  List<String> sources() {
    return files.stream().filter(file -> file.endsWith(".cpp") || file.endsWith(".S")).toList();
  }

  /**
   * What to put behind the compiler's name to compile one source.
   *
   * @param variant the variant's name, or nothing for the plain build
   */
  List<String> compile(String source, String variant) {
    List<String> words = flags(variant);
    words.addAll(List.of("-c", source, "-o", object(source)));
    return words;
  }

  /** What to put behind the compiler's name to link everything into a file. */
  List<String> link(String target, String variant) {
    List<String> words = flags(variant);
    sources().forEach(source -> words.add(object(source)));
    words.addAll(named("link"));
    words.addAll(List.of("-o", target));
    return words;
  }

  private List<String> flags(String variant) {
    List<String> words = new ArrayList<>(named("flags"));
    if (!variant.isEmpty()) {
      words.addAll(named(variant));
    }
    return words;
  }

  private List<String> named(String name) {
    List<String> words = arguments.get(name);
    if (words == null) {
      throw new IllegalArgumentException("the build plan has no line '" + name + ":'");
    }
    return words;
  }

  private static String object(String source) {
    return source.replace('/', '_') + ".o";
  }
}
