package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

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
            .filter(
                a ->
                    a.startsWith("--")
                        || a.startsWith("-Duser.")
                        || a.startsWith("-XX:CompileCommand"))
            .toList());
    command.addAll(arguments);
    return new ProcessBuilder(command).redirectError(errors).start();
  }

  /**
   * Kills a child that prints {@link ChildLines}.
   *
   * @param lines behind how many of its next lines; it is killed {@code start} milliseconds after
   *     its start if 0
   * @param delay and how many microseconds later
   * @param errors what the child wrote to standard error
   * @return whether it ended by itself before that
   */
  static boolean ended(Process process, int lines, int start, long delay, Path errors)
      throws Exception {
    try (BufferedReader out = process.inputReader()) {
      if (lines == 0) {
        TimeUnit.MILLISECONDS.sleep(start);
      }
      String last = "";
      for (int i = 0; i < lines; i++) {
        String line = out.readLine();
        if (line == null) {
          break;
        }
        last = line;
      }
      if (last.equals(ChildLines.DONE)) {
        assertThat(process.waitFor()).isZero();
        return true;
      }
      assertThat(process.isAlive())
          .as("child died by itself: %s", Files.readString(errors))
          .isTrue();
      TimeUnit.MICROSECONDS.sleep(delay);
      process.destroyForcibly();
      process.waitFor();
      return false;
    }
  }
}
