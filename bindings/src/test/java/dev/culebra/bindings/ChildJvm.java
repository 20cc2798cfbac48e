package dev.culebra.bindings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A program in a JVM of its own, because what a process loads stays loaded. */
final class ChildJvm {

  /** What decides where libraries are found: a child has only what its test gives it. */
  private static final List<String> PLACES =
      List.of("CUDA_HOME", "CUDA_PATH", "VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH");

  private final Process process;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /**
   * Starts a program.
   *
   * @param program the class with its {@code main}
   * @param arguments its arguments
   * @param properties system properties of its JVM
   * @param environment variables added to those of this JVM's user
   */
  static ChildJvm start(
      Class<?> program,
      List<String> arguments,
      Map<String, String> properties,
      Map<String, String> environment)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny", "-Xmx128m"));
    properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath, program.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("CULEBRA_") || PLACES.contains(name));
    builder.environment().putAll(environment);
    return new ChildJvm(builder.start());
  }

  /** Waits for the end and gives the lines printed. */
  List<String> lines() throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.lines().toList();
  }
}
