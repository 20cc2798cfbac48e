package dev.culebra.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What can be done with a run, as lines that can be copied. */
final class NextCommands {

  private NextCommands() {}

  /** The commands for a run of an objective, each with the program's name before it. */
  static List<String> of(String objective, Path folder) {
    String program = System.getProperty("culebra.command", "culebra");
    return Stream.concat(Stream.of("evaluate " + folder), uses(objective, folder))
        .map(command -> program + " " + command)
        .toList();
  }

  private static Stream<String> uses(String objective, Path folder) {
    String generate = "generate " + folder + " --prompt ";
    String write = "generate " + folder + " --image photo.png";
    String search = "search " + folder + " \"red heart\"";
    return switch (objective) {
      case "clm", "prefix-lm", "fim", "ul2", "seq2seq" -> Stream.of(generate + "\"Call me\"");
      case "span-corruption" -> Stream.of(generate + "\"Call <extra_id_0> Ishmael.\"");
      case "denoising" -> Stream.of(generate + "\"Call [MASK] Ishmael.\"");
      case "mlm", "nsp", "sop" -> Stream.of("fill " + folder + " \"Call [MASK] Ishmael.\"");
      case "contrastive" -> Stream.of("search " + folder + " \"a large body of water\"");
      case "clip", "siglip" -> Stream.of(search);
      case "caption" -> Stream.of(write);
      case "coca" -> Stream.of(write, search);
      case "diffusion" -> Stream.of("draw " + folder + " --out grid.png");
      default -> Stream.empty();
    };
  }
}
