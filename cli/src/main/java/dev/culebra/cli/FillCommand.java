package dev.culebra.cli;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.inference.Filler;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fills the masks of a text with a trained encoder. */
@Command(
    name = "fill",
    sortOptions = false,
    description = "Fill the masks of a text with a trained encoder.",
    footer = {"", "Example:  culebra fill runs/mlm \"the white [MASK] swam in the [MASK]\""})
final class FillCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of a run or of a model.")
  Path folder;

  @Parameters(
      index = "1",
      paramLabel = "TEXT",
      description = "A text with [MASK] where a token is wanted.")
  String text;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "Show so many candidates for each mask (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  int top;

  @Option(names = "--json", description = "Write one JSON object instead of a table.")
  boolean json;

  @Mixin DeviceOptions devices;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    if (top < 1) {
      throw new BadInputException("--top must be at least 1, not " + top);
    }
    PrintWriter out = spec.commandLine().getOut();
    try (Device device = devices.open();
        Filler filler = Filler.open(folder, device)) {
      List<List<Filler.Candidate>> masks = filler.fill(text, top);
      devices.tell(spec.commandLine().getErr());
      out.println(json ? Output.json(report(masks)) : table(masks));
    }
    return 0;
  }

  private Map<String, Object> report(List<List<Filler.Candidate>> masks) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("text", text);
    report.put("masks", masks);
    return report;
  }

  /** A column of tokens and one of probabilities for each mask. */
  private static Table table(List<List<Filler.Candidate>> masks) {
    Table table = new Table(2).row("mask", "token", "probability");
    for (int mask = 0; mask < masks.size(); mask++) {
      for (int rank = 0; rank < masks.get(mask).size(); rank++) {
        Filler.Candidate candidate = masks.get(mask).get(rank);
        table.row(
            rank == 0 ? Integer.toString(mask + 1) : "",
            '"' + candidate.token().replace("\n", "\\n") + '"',
            String.format(Locale.ROOT, "%.1f %%", 100 * candidate.probability()));
      }
    }
    return table;
  }
}
