package dev.culebra.cli;

import dev.culebra.operations.SelfTest;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A self-test of a device as people and programs read it. */
final class SelfTestReport {

  private static final int FAILURES_SHOWN = 10;

  private final Device device;
  private final long seed;
  private final List<SelfTest.Result> results;

  private SelfTestReport(Device device, long seed, List<SelfTest.Result> results) {
    this.device = device;
    this.seed = seed;
    this.results = results;
  }

  /** Tests every operation on {@code device} and tells {@code err} how far it is. */
  static SelfTestReport run(Device device, long seed, PrintWriter err) {
    try (ProgressView view = ProgressView.on(err)) {
      List<SelfTest.Result> results =
          new SelfTest(device, seed)
              .run(
                  "",
                  (result, done, all) ->
                      view.line(
                          Format.text(
                              "%d/%d  %s: %s, %s",
                              done,
                              all,
                              result.operation(),
                              Format.count(result.calls(), "calls"),
                              result.failures().isEmpty()
                                  ? "ok"
                                  : result.failures().size() + " wrong")));
      return new SelfTestReport(device, seed, results);
    }
  }

  /** Whether nothing was wrong. */
  boolean passed() {
    return results.stream().allMatch(result -> result.failures().isEmpty());
  }

  /** One JSON object. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("device", device.description());
    map.put("seed", seed);
    map.put("passed", passed());
    map.put("operations", results);
    return map;
  }

  @Override
  public String toString() {
    Table table = new Table(1, 2, 3).row("operation", "calls", "wrong", "time");
    StringBuilder wrong = new StringBuilder();
    int shown = 0;
    for (SelfTest.Result result : results) {
      table.row(
          result.operation(),
          String.valueOf(result.calls()),
          String.valueOf(result.failures().size()),
          String.format(Locale.ROOT, "%.1f s", result.seconds()));
      for (String failure : result.failures()) {
        if (shown++ < FAILURES_SHOWN) {
          wrong.append(System.lineSeparator()).append("wrong: ").append(failure);
        }
      }
    }
    int calls = results.stream().mapToInt(SelfTest.Result::calls).sum();
    String verdict =
        passed()
            ? "All "
                + calls
                + " calls agree with the float64 reference and repeat bit by bit, seed "
                + seed
                + "."
            : "The device computes wrongly; --seed " + seed + " repeats this.";
    return table + wrong.toString() + System.lineSeparator().repeat(2) + verdict;
  }
}
