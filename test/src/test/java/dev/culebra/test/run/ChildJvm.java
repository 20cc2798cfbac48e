package dev.culebra.test.run;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a main class of the tests in a JVM of its own, with this one's options but without
 * assertions.
 */
final class ChildJvm {

  private ChildJvm() {}

  static Process start(Class<?> main, List<String> arguments, Redirect errors) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(
        1,
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(a -> a.startsWith("--") || a.startsWith("-XX:CompileCommand"))
            .toList());
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(errors).start();
  }
}
