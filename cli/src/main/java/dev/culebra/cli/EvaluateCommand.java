package dev.culebra.cli;

import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.run.Evaluation;
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

/** Sets a model beside baselines on data that it was not trained on. */
@Command(
    name = "evaluate",
    sortOptions = false,
    description = "Score a trained model on held-out data, beside baselines of its training data.",
    footer = {
      "",
      "Examples:  culebra evaluate runs/clm --json",
      "           culebra evaluate runs/clm/model --data more.txt"
    })
final class EvaluateCommand implements Callable<Integer> {

  @Parameters(paramLabel = "DIR", description = "Folder of a run or of a model.")
  Path folder;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = "Data to score; a run without it is scored by what it held out.")
  Path data;

  @Option(names = "--json", description = "Write one JSON object instead of a table.")
  boolean json;

  @Mixin DeviceOptions devices;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (Device device = devices.open()) {
      EvaluationReport report = Evaluation.evaluate(folder, data, device);
      devices.tell(spec.commandLine().getErr());
      out.println(json ? Output.json(report.toMap()) : table(report));
    }
    return 0;
  }

  private static String table(EvaluationReport report) {
    Table table = new Table(1, 2, 4).row("", "model", "baseline", "", "ahead by");
    for (Metric metric : report.metrics()) {
      row(table, metric);
    }
    StringBuilder lines = new StringBuilder(table.toString());
    lines.append(
        Format.text("%n%nOn %s: %s.", report.data(), Format.count(report.labels(), report.unit())));
    report.notes().forEach(note -> lines.append(Format.text("%nNote: %s.", note)));
    return lines.toString();
  }

  /** A figure and its baselines; a model without its training data has none. */
  private static void row(Table table, Metric metric) {
    String name = metric.name().replace('_', ' ');
    String value = written(metric, metric.value());
    if (metric.baselines().isEmpty()) {
      table.row(name, value);
    }
    for (Metric.Baseline baseline : metric.baselines()) {
      boolean first = baseline.equals(metric.baselines().getFirst());
      double ahead = metric.value() - baseline.value();
      table.row(
          first ? name : "",
          first ? value : "",
          written(metric, baseline.value()),
          baseline.name(),
          written(metric, metric.higherIsBetter() ? ahead : -ahead));
    }
  }

  private static String written(Metric metric, double value) {
    return switch (metric.form()) {
      case NAT -> String.format(Locale.ROOT, "%.4f nat", value);
      case SHARE -> String.format(Locale.ROOT, "%.1f %%", 100 * value);
      case NUMBER -> String.format(Locale.ROOT, Math.abs(value) < 10 ? "%,.3f" : "%,.1f", value);
    };
  }
}
