package dev.culebra.test.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The launcher, run as a process. */
final class Launched {

  /** The repository. */
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  /** The launcher in the repository. */
  static final Path SCRIPT = ROOT.resolve("culebra");

  private static final long LIMIT_SECONDS = 240;

  private Launched() {}

  /** Whether the program behind the launcher is built: after {@code package} of the module cli. */
  static boolean isBuilt() {
    return Files.exists(ROOT.resolve("cli/target/app/jvm.options"));
  }

  /** Starts a command in a folder, with these environment variables and no others. */
  static Process start(Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out.txt").toFile())
            .redirectError(folder.resolve("err.txt").toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Runs a command in a folder to its end. */
  static Outcome run(Path folder, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    return outcome(folder, start(folder, environment, command));
  }

  /** Waits for the end of what {@link #start} started in that folder. */
  static Outcome outcome(Path folder, Process process) throws InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + text(folder, "err.txt"));
    }
    return new Outcome(process.exitValue(), text(folder, "out.txt"), text(folder, "err.txt"));
  }

  /** What a process has written so far to {@code out.txt} or {@code err.txt}. */
  static String text(Path folder, String file) {
    try {
      return Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The environment that a program needs to find its tools, and more. */
  static Map<String, String> environment(String... more) {
    Map<String, String> all = new HashMap<>(Map.of("PATH", "/usr/bin:/bin"));
    for (int i = 0; i < more.length; i += 2) {
      all.put(more[i], more[i + 1]);
    }
    return all;
  }
}
