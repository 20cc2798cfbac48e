package dev.culebra.cli;

import dev.culebra.runtime.device.Device;
import dev.culebra.train.inference.Search;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists what lies nearest to a query. */
@Command(
    name = "search",
    sortOptions = false,
    description =
        "List the texts or images nearest to a query, by a model of contrastive, clip or siglip.",
    footer = {
      "",
      "Examples:  culebra search runs/contrastive \"a large body of water\"",
      "           culebra search runs/clip \"red heart\" --data images/ --top 3"
    })
final class SearchCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "DIR", description = "Folder of a run or of a model.")
  Path folder;

  @Parameters(
      index = "1",
      paramLabel = "QUERY",
      description = "A text; for clip and siglip also the file of an image.")
  String query;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "What to search in: a file of lines, pairs (.tsv, .jsonl: their second texts) or a folder"
              + " of images; without it, the data of the run.")
  Path data;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "List so many (default: ${DEFAULT-VALUE}).",
      defaultValue = "10")
  int top;

  @Option(names = "--json", description = "Write one JSON object instead of a table.")
  boolean json;

  @Mixin DeviceOptions devices;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try (Device device = devices.open();
        Search search = Search.open(folder, device)) {
      List<Search.Found> found = search.nearest(query, data, top, err::println);
      devices.tell(err);
      out.println(json ? Output.json(Search.toMap(query, found)) : table(found));
    }
    return 0;
  }

  private static String table(List<Search.Found> found) {
    Table table = new Table(0);
    for (Search.Found one : found) {
      table.row(String.format(Locale.ROOT, "%.3f", one.score()), one.name());
    }
    return table.toString();
  }
}
