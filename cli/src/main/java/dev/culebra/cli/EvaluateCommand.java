package dev.culebra.cli;

import dev.culebra.objectives.training.Evaluation;
import dev.culebra.objectives.training.EvaluationReport;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sets a model beside trivial ones on text that it was not trained on. */
@Command(
    name = "evaluate",
    sortOptions = false,
    description =
        "Score a trained model on held-out text, beside unigram and bigram models of its data.",
    footer = {"", "Example:  culebra evaluate runs/clm --json"})
final class EvaluateCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "Folder of a run.")
  Path folder;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "Text to score; without it, what the run held out.")
  Path data;

  @Option(names = "--json", description = "Write one JSON object instead of a table.")
  boolean json;

  @Mixin DeviceOptions devices;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (Device device = devices.open(spec.commandLine().getErr())) {
      EvaluationReport report = Evaluation.evaluate(folder, data, device);
      out.println(json ? Output.json(report.toMap()) : table(report));
    }
    return 0;
  }

  private static String table(EvaluationReport report) {
    Table table = new Table(1, 2, 3).row("", "loss", "perplexity", "above the model");
    row(table, "model", report.loss(), report);
    row(table, "bigram", report.bigramLoss(), report);
    row(table, "unigram", report.unigramLoss(), report);
    String bits =
        Double.isNaN(report.bitsPerByte())
            ? ""
            : String.format(
                Locale.ROOT, "; the model needs %.3f bits per byte", report.bitsPerByte());
    return String.format(
        Locale.ROOT,
        "%s%n%nOn %s: %,d tokens; losses in nat per token%s.",
        table,
        report.data(),
        report.tokens(),
        bits);
  }

  private static void row(Table table, String name, double loss, EvaluationReport report) {
    if (Double.isNaN(loss)) {
      return; // a model without its training text has no baselines
    }
    table.row(
        name,
        String.format(Locale.ROOT, "%.4f", loss),
        String.format(Locale.ROOT, "%,.1f", Math.exp(loss)),
        loss == report.loss() ? "" : String.format(Locale.ROOT, "%+.4f", loss - report.loss()));
  }
}
