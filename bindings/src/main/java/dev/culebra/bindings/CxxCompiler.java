package dev.culebra.bindings;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A C++ compiler of this machine.
 *
 * <p>It is the one that the property {@code culebra.cxx} or else the environment variable {@code
 * CULEBRA_CXX} names, and no other if that cannot run; otherwise the first of {@code c++}, {@code
 * g++} and {@code clang++} on the {@code PATH}.
 *
 * @param program its file
 * @param version the first line of what it says of itself
 */
record CxxCompiler(Path program, String version) {

  static final String PROPERTY = "culebra.cxx";
  static final String VARIABLE = "CULEBRA_CXX";

  private static final List<String> NAMES = List.of("c++", "g++", "clang++");

  /**
   * What a command printed, and how it ended.
   *
   * @param code its exit status
   * @param text output and errors together
   */
  record Outcome(int code, String text) {}

  /**
   * Looks for a compiler that runs.
   *
   * @throws CompilerNotFoundException with every attempt, if there is none
   */
  static CxxCompiler find() {
    List<Attempt> attempts = new ArrayList<>();
    String property = System.getProperty(PROPERTY, "");
    String variable = System.getenv().getOrDefault(VARIABLE, "");
    Optional<CxxCompiler> found;
    if (!property.isBlank()) {
      found = onPath("property " + PROPERTY, property, attempts);
    } else if (!variable.isBlank()) {
      found = onPath("environment variable " + VARIABLE, variable, attempts);
    } else {
      found =
          NAMES.stream().flatMap(name -> onPath("the PATH", name, attempts).stream()).findFirst();
    }
    return found.orElseThrow(() -> notFound(attempts));
  }

  private static CompilerNotFoundException notFound(List<Attempt> attempts) {
    StringBuilder message =
        new StringBuilder(
            "The software CUDA device needs a C++ compiler, and none was found."
                + NativeLibraryException.TRIED);
    attempts.forEach(attempt -> message.append("\n  ").append(attempt));
    message.append(
        String.format(
            Locale.ROOT,
            "\n"
                + "Install one (Debian: g++), or set the property %s or the environment variable %s"
                + " to its path.",
            PROPERTY,
            VARIABLE));
    return new CompilerNotFoundException(message.toString(), attempts);
  }

  /** A compiler by its name, which may be a path; the first of that name that runs. */
  private static Optional<CxxCompiler> onPath(String place, String name, List<Attempt> attempts) {
    try {
      if (name.contains(File.separator)) {
        return running(place, Path.of(name).toAbsolutePath(), attempts);
      }
      for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
        Path program = Path.of(folder, name);
        if (!folder.isBlank() && Files.isExecutable(program) && !Files.isDirectory(program)) {
          Optional<CxxCompiler> found = running(place, program.toAbsolutePath(), attempts);
          if (found.isPresent()) {
            return found;
          }
        }
      }
      attempts.add(new Attempt(place, "", "no program " + name));
    } catch (InvalidPathException e) {
      attempts.add(new Attempt(place, name, "not a path: " + e.getReason()));
    }
    return Optional.empty();
  }

  private static Optional<CxxCompiler> running(String place, Path program, List<Attempt> attempts) {
    if (!Files.exists(program)) {
      attempts.add(new Attempt(place, program.toString(), "no such file"));
      return Optional.empty();
    }
    try {
      Outcome outcome = new CxxCompiler(program, "").run(Path.of("/"), List.of("--version"));
      if (outcome.code == 0) {
        String version = outcome.text.lines().findFirst().orElse("version unknown");
        return Optional.of(new CxxCompiler(program, version));
      }
      attempts.add(
          new Attempt(place, program.toString(), "--version ended with status " + outcome.code));
    } catch (IOException e) {
      attempts.add(new Attempt(place, program.toString(), "does not run: " + IoReason.of(e)));
    }
    return Optional.empty();
  }

  /**
   * Runs the compiler to its end.
   *
   * @param folder where it runs
   * @param arguments behind its name
   * @throws IOException if it does not start, or if this thread is interrupted
   */
  Outcome run(Path folder, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), text);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + program + " ran", e);
    } finally {
      process.destroy();
    }
  }
}
