package dev.culebra.test.softgpu;

import dev.culebra.bindings.CompilerNotFoundException;
import dev.culebra.bindings.SoftwareDevice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** C++ programs of {@code native/softgpu/test}, compiled against the software CUDA device. */
final class HostPrograms {

  /** The folder of the C++ tests. */
  static final Path SOURCES =
      Path.of("").toAbsolutePath().getParent().resolve("native/softgpu/test");

  private static final String COMPILER = "c++";

  /**
   * How a process ended.
   *
   * @param status its exit status
   * @param text output and errors together
   */
  record Outcome(int status, String text) {}

  private HostPrograms() {}

  /** The software device; without a C++ compiler the test is skipped, with the reason. */
  static Path library() {
    try {
      return SoftwareDevice.build("");
    } catch (CompilerNotFoundException e) {
      return Assumptions.abort(e.getMessage());
    }
  }

  /** Compiles all C++ files of a folder into one program that finds the library. */
  static Path compile(Path sources, Path program, Path library) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("-std=c++20", "-O0", "-g1", "-Wall", "-Wextra", "-pthread"));
    try (Stream<Path> files = Files.list(sources)) {
      files
          .map(Path::toString)
          .filter(file -> file.endsWith(".cpp"))
          .sorted()
          .forEach(command::add);
    }
    command.addAll(
        List.of(library.toString(), "-Wl,-rpath," + library.getParent(), "-o", program.toString()));
    Outcome outcome = compiler(command);
    if (outcome.status != 0 || !outcome.text.isEmpty()) {
      throw new AssertionError(sources + " does not compile cleanly:\n" + outcome.text);
    }
    return program;
  }

  /** Runs the compiler; without one the test is skipped. */
  static Outcome compiler(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(COMPILER));
    command.addAll(arguments);
    try {
      return run(command, Map.of("LC_ALL", "C"));
    } catch (IOException e) {
      return Assumptions.abort("no program " + COMPILER + " on the PATH");
    }
  }

  /** Runs a program to its end. */
  static Outcome run(List<String> command, Map<String, String> environment) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), text);
    } finally {
      process.destroyForcibly();
    }
  }
}
