package dev.culebra.runtime.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kernel file and all headers that it includes, as text.
 *
 * @param name the file's name
 * @param text its content
 * @param headers name and content of every header of the project that it reaches
 */
record KernelSource(String name, String text, SequencedMap<String, String> headers) {

  private static final String FOLDER = "/dev/culebra/native/";
  private static final Pattern INCLUDE =
      Pattern.compile("^\\s*#\\s*include\\s+\"([\\w.]+\\.cuh)\"", Pattern.MULTILINE);

  /** Reads a kernel file from the program's resources. */
  static KernelSource read(String name) {
    String text = resource("kernels/" + name);
    SequencedMap<String, String> headers = new LinkedHashMap<>();
    Deque<String> toSearch = new ArrayDeque<>();
    toSearch.add(text);
    while (!toSearch.isEmpty()) {
      Matcher include = INCLUDE.matcher(toSearch.remove());
      while (include.find()) {
        String header = include.group(1);
        if (!headers.containsKey(header)) {
          headers.put(header, resource("include/" + header));
          toSearch.add(headers.get(header));
        }
      }
    }
    return new KernelSource(name, text, headers);
  }

  private static String resource(String name) {
    try (InputStream stream = KernelSource.class.getResourceAsStream(FOLDER + name)) {
      if (stream == null) {
        throw new IllegalStateException(
            "the jar culebra-native, which holds the kernels, lacks " + FOLDER + name);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + FOLDER + name, e);
    }
  }

  /** File and headers, each behind its name. */
  Map<String, String> all() {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(name, text);
    return all;
  }
}
