package dev.culebra.cli;

import dev.culebra.cli.BenchCase.Memory;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times the operations of a training step on a device. */
@Command(
    name = "bench",
    sortOptions = false,
    description =
        "Time the operations of a training step on a device: medians with the fastest and slowest"
            + " round, beside what the device's own copy and matmul reach in the same session.",
    footer = {"", "Example:  culebra bench --device cuda --json"})
final class BenchCommand implements Callable<Integer> {

  /** Which shapes. */
  enum Shapes {
    SMALL,
    GPT2
  }

  @Mixin DeviceOptions devices;

  @Option(
      names = "--shapes",
      paramLabel = "NAME",
      description = "small or gpt2 (default: small on the CPU, gpt2 on a CUDA device).")
  Shapes shapes;

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description = "Time only the operations whose names contain this.")
  String only = "";

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often each operation is timed (default: ${DEFAULT-VALUE}).",
      defaultValue = "7")
  int rounds;

  @Option(names = "--json", description = "Write one JSON object instead of a table.")
  boolean json;

  @Spec CommandSpec spec;

  /** One operation's times, in seconds per call. */
  record Timing(String name, String shape, long bytes, double flops, double[] seconds) {

    double median() {
      return seconds[seconds.length / 2];
    }

    double bandwidth() {
      return bytes / median() * 1e-9;
    }

    double rate() {
      return flops / median() * 1e-12;
    }
  }

  @Override
  public Integer call() {
    if (rounds < 1) {
      throw new BadInputException("--rounds must be 1 or more, not " + rounds);
    }
    PrintWriter err = spec.commandLine().getErr();
    try (Device device = devices.open()) {
      if (device.name().equals("soft")) {
        throw new BadInputException(
            "the software CUDA device is for tests, its speed means nothing: name another device");
      }
      BenchCases cases = cases(device);
      List<Timing> timings = new ArrayList<>();
      try (ProgressView view = ProgressView.on(err)) {
        for (Function<Memory, BenchCase> factory : cases.on(device)) {
          try (Memory memory = new Memory(device)) {
            BenchCase one = factory.apply(memory);
            if (one.name().contains(only)) {
              devices.tell(err);
              view.line("timing " + one.name() + ", " + one.shape());
              timings.add(time(one, device));
            }
          }
        }
      }
      if (timings.isEmpty()) {
        throw new BadInputException("no operation's name contains '" + only + "'");
      }
      PrintWriter out = spec.commandLine().getOut();
      out.println(json ? Output.json(report(device, timings)) : table(device, timings));
    }
    return 0;
  }

  private BenchCases cases(Device device) {
    Shapes chosen =
        shapes != null ? shapes : device.name().equals("cpu") ? Shapes.SMALL : Shapes.GPT2;
    return chosen == Shapes.SMALL ? BenchCases.SMALL : BenchCases.GPT2;
  }

  /** What the JVM needs to compile a loop, and a GPU to raise its clock. */
  private static final double WARM_UP_SECONDS = 2;

  private static final double ROUND_SECONDS = 0.05;

  /** Rounds of as many calls as take a twentieth of a second, after a warm-up. */
  private Timing time(BenchCase one, Device device) {
    long calls = 1;
    for (double spent = 0; spent < WARM_UP_SECONDS; ) {
      double took = round(one, device, calls);
      spent += took;
      calls = Math.max(1, (long) (calls * Math.min(2, ROUND_SECONDS / took)));
    }
    double[] seconds = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      seconds[i] = round(one, device, calls) / calls;
    }
    Arrays.sort(seconds);
    return new Timing(one.name(), one.shape(), one.bytes(), one.flops(), seconds);
  }

  private static double round(BenchCase one, Device device, long calls) {
    device.synchronize();
    long start = System.nanoTime();
    for (long i = 0; i < calls; i++) {
      one.call().run();
    }
    device.synchronize();
    return (System.nanoTime() - start) * 1e-9;
  }

  private static double ceiling(List<Timing> timings, boolean flops) {
    return timings.stream()
        .filter(t -> flops ? t.name.startsWith("matmul") : t.name.equals("copy"))
        .mapToDouble(t -> flops ? t.rate() : t.bandwidth())
        .max()
        .orElse(Double.NaN);
  }

  private static String table(Device device, List<Timing> timings) {
    double copy = ceiling(timings, false);
    double matmul = ceiling(timings, true);
    Table table =
        new Table(2, 3, 4, 5, 6)
            .row("operation", "shape", "median", "fastest", "slowest", "reached", "share");
    for (Timing t : timings) {
      boolean computes = t.flops > 0;
      double share = computes ? t.rate() / matmul : t.bandwidth() / copy;
      table.row(
          t.name,
          t.shape,
          milliseconds(t.median()),
          milliseconds(t.seconds[0]),
          milliseconds(t.seconds[t.seconds.length - 1]),
          computes
              ? String.format(Locale.ROOT, "%.2f TFLOP/s", t.rate())
              : String.format(Locale.ROOT, "%.1f GB/s", t.bandwidth()),
          Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%.0f %%", 100 * share));
    }
    return Format.text(
        "%s%n%nOn %s.%nReached: bytes that must move or operations that count, over the median;"
            + " share: of the copy above,%nor of the fastest matmul above.",
        table, device.description());
  }

  private static String milliseconds(double seconds) {
    return String.format(Locale.ROOT, "%.3f ms", seconds * 1e3);
  }

  private static Map<String, Object> report(Device device, List<Timing> timings) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("device", device.description());
    report.put("culebra", Version.get());
    report.put(
        "operations",
        timings.stream()
            .map(
                t -> {
                  Map<String, Object> entry = new LinkedHashMap<>();
                  entry.put("name", t.name);
                  entry.put("shape", t.shape);
                  entry.put("seconds", t.seconds);
                  entry.put("bytes", t.bytes);
                  entry.put("flops", t.flops);
                  return entry;
                })
            .toList());
    return report;
  }
}
