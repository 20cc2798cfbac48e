package dev.culebra.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;

/** What can be said about the computer without any library. */
final class Machine {

  private static final List<String> VECTOR_FLAGS =
      List.of("sse4_2", "avx", "fma", "avx2", "avx512f", "avx512_bf16", "amx_tile", "asimd", "sve");

  private Machine() {}

  /** The processor's name, or the architecture where Linux does not give one. */
  static String processor() {
    return value(Path.of("/proc/cpuinfo"), "model name").orElse(System.getProperty("os.arch"));
  }

  /** The processor's instruction sets that matter for arithmetic on vectors. */
  static String instructionSets() {
    Path file = Path.of("/proc/cpuinfo");
    String flags = value(file, "flags").or(() -> value(file, "Features")).orElse("");
    List<String> present = Arrays.asList(flags.split(" "));
    return VECTOR_FLAGS.stream().filter(present::contains).collect(Collectors.joining(" "));
  }

  /** The widest vectors of the Java Vector API, in bits. */
  static int vectorBits() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize();
  }

  /** A line of /proc/meminfo in bytes, such as {@code MemTotal}; empty if Linux does not say. */
  static Optional<Long> memory(String key) {
    return value(Path.of("/proc/meminfo"), key)
        .map(text -> Long.parseLong(text.replace(" kB", "")) * 1024);
  }

  private static Optional<String> value(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .map(line -> line.split(":", 2))
          .filter(parts -> parts.length == 2 && parts[0].strip().equals(key))
          .map(parts -> parts[1].strip())
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
