package dev.culebra.cli;

import dev.culebra.train.run.Workload.Use;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What can be done with a run, as lines that a shell reads as they are meant. */
final class NextCommands {

  /** What no shell takes for anything else. */
  private static final Pattern PLAIN =
      Pattern.compile("[\\w./:=@%+,-]+", Pattern.UNICODE_CHARACTER_CLASS);

  /** Where an image of drawings goes, in the run's own folder. */
  private static final String GRID = "grid.png";

  private NextCommands() {}

  /** The commands for a run, each with the program's name before it. */
  static List<String> of(List<Use> uses, Path folder) {
    List<String> lines = new ArrayList<>();
    lines.add(line(List.of("evaluate", place(folder))));
    for (Use use : uses) {
      List<String> words = new ArrayList<>(List.of(use.command(), place(folder)));
      words.addAll(use.arguments());
      if (use.command().equals("draw")) {
        words.addAll(List.of("--out", place(folder.resolve(GRID))));
      }
      lines.add(line(words));
    }
    return lines;
  }

  /** The command that goes on with a run. */
  static String resume(Path folder) {
    return line(List.of("train", "--resume", "--out", place(folder)));
  }

  /** A path that is no option. */
  private static String place(Path folder) {
    return folder.toString().startsWith("-")
        ? Path.of(".").resolve(folder).toString()
        : folder + "";
  }

  private static String line(List<String> words) {
    String program = System.getProperty("culebra.command", "culebra");
    List<String> all = new ArrayList<>(List.of(program));
    all.addAll(words);
    return all.stream().map(NextCommands::quoted).collect(Collectors.joining(" "));
  }

  /** A word as a POSIX shell reads it back. */
  static String quoted(String word) {
    return PLAIN.matcher(word).matches() ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
