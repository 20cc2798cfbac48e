package dev.culebra.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Compares generated bindings with the checksums that {@code generate.sh} wrote. */
final class GeneratedSources {

  private static final String PACKAGES = "src/generated/java/dev/culebra/bindings";

  private GeneratedSources() {}

  /**
   * What differs from the stamps, one sentence each that says what to do; empty if nothing does.
   *
   * @param module the folder {@code bindings}
   */
  static List<String> problems(Path module) throws IOException {
    Set<String> libraries = new TreeSet<>();
    libraries.addAll(names(module.resolve("includes"), ""));
    libraries.addAll(names(module.resolve("stamps"), ".stamp"));
    libraries.addAll(names(module.resolve(PACKAGES), ""));
    List<String> problems = new ArrayList<>();
    for (String library : libraries) {
      Path stamp = module.resolve("stamps/" + library + ".stamp");
      TreeMap<String, String> expected = new TreeMap<>();
      if (Files.exists(stamp)) {
        for (String line : Files.readAllLines(stamp)) {
          if (!line.startsWith("#")) {
            expected.put(line.substring(66), line.substring(0, 64));
          }
        }
      }
      TreeMap<String, String> actual = checksums(module, library);
      Set<String> files = new TreeSet<>(expected.keySet());
      files.addAll(actual.keySet());
      for (String file : files) {
        if (!actual.getOrDefault(file, "").equals(expected.getOrDefault(file, ""))) {
          problems.add(
              String.format(
                  Locale.ROOT,
                  "bindings/%s is not what bindings/generate.sh %s wrote: run it again, and commit"
                      + " what it writes.",
                  file,
                  library));
        }
      }
    }
    return problems;
  }

  private static TreeMap<String, String> checksums(Path module, String library) throws IOException {
    TreeMap<String, String> checksums = new TreeMap<>();
    Path includes = module.resolve("includes/" + library);
    Path generated = module.resolve(PACKAGES + "/" + library);
    for (Path root : List.of(includes, generated)) {
      if (Files.exists(root)) {
        try (Stream<Path> files = Files.walk(root)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            checksums.put(module.relativize(file).toString(), sha256(file));
          }
        }
      }
    }
    return checksums;
  }

  private static List<String> names(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(ending))
          .map(name -> name.substring(0, name.length() - ending.length()))
          .toList();
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
