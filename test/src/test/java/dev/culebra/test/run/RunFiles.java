package dev.culebra.test.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All that a run leaves, to be compared with another run's. */
final class RunFiles {

  private RunFiles() {}

  /** The files in a folder by their names, byte by byte as Latin-1, without times. */
  static Map<String, String> of(Path folder) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        String content = Files.readString(path, StandardCharsets.ISO_8859_1);
        all.put(
            folder.relativize(path).toString(),
            content
                .replaceAll("_per_second\":[^,}]*,\"seconds\":[^,}]*", "")
                .replaceAll("\"seconds\" : [^,}]*", "")
                .replaceAll("(?s)\"state.json\" : \\{.*?}", ""));
      }
    }
    return all;
  }
}
