package dev.culebra.bindings;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.culebra.bindings.openblas.Cblas;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A program that loads OpenBLAS, multiplies 3 by 4 and tells how it went; run in a JVM of its own.
 */
final class ChildJvm {

  private final Process process;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /**
   * Starts the program with properties and environment variables added to those of this JVM's user.
   */
  static ChildJvm start(Map<String, String> properties, Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny", "-Xmx128m"));
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath, ChildJvm.class.getName()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("CULEBRA_OPENBLAS");
    builder.environment().putAll(environment);
    return new ChildJvm(builder.start());
  }

  /** Waits for the end and gives the lines printed. */
  List<String> lines() throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.lines().toList();
  }

  public static void main(String[] args) throws IOException {
    try {
      OpenBlasLibrary library = OpenBlasLibrary.load();
      library.attempts().forEach(System.out::println);
      System.out.println("3 * 4 = " + multiply(3, 4));
      if (Boolean.getBoolean("culebra.test.dependencies")) {
        Files.readAllLines(Path.of("/proc/self/maps")).stream()
            .filter(line -> line.contains("/libgfortran.") || line.contains("/libquadmath."))
            .map(line -> "with " + line.substring(line.indexOf('/')))
            .distinct()
            .forEach(System.out::println);
      }
    } catch (NativeLibraryException e) {
      e.attempts().forEach(System.out::println);
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static float multiply(float x, float y) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment a = arena.allocateFrom(JAVA_FLOAT, x);
      MemorySegment b = arena.allocateFrom(JAVA_FLOAT, y);
      MemorySegment c = arena.allocate(JAVA_FLOAT);
      int plain = Cblas.CblasNoTrans();
      Cblas.cblas_sgemm(Cblas.CblasRowMajor(), plain, plain, 1, 1, 1, 1, a, 1, b, 1, 0, c, 1);
      return c.get(JAVA_FLOAT, 0);
    }
  }
}
