package dev.culebra.cli;

import dev.culebra.bindings.Attempt;
import dev.culebra.bindings.LibraryStatus;
import dev.culebra.runtime.DeviceSurvey;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.MemoryReport;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what Culebra finds on this machine, where it looked, and why not more. */
@Command(
    name = "doctor",
    sortOptions = false,
    description =
        "Show the program, the machine, its devices, and where native libraries were looked for.",
    footer = {
      "",
      "Examples:  culebra doctor --json",
      "           culebra doctor --selftest --device cuda"
    })
final class DoctorCommand implements Callable<Integer> {

  @Option(names = "--json", description = "Write one JSON object instead of tables.")
  boolean json;

  @Option(
      names = "--selftest",
      description =
          "Check every operation of the device against a float64 reference, and that it repeats"
              + " bit by bit; exits 1 if one is wrong.")
  boolean selfTest;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the self-test's shapes and values (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  long seed;

  @Mixin DeviceOptions devices;

  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (selfTest) {
      return selfTest(out);
    }
    DeviceSurvey survey = DeviceSurvey.take(devices.device.equals("soft"));
    if (json) {
      out.println(Output.json(report(survey)));
    } else {
      print(survey, out);
    }
    return 0;
  }

  private int selfTest(PrintWriter out) {
    PrintWriter err = spec.commandLine().getErr();
    try (Device device = devices.open()) {
      devices.tell(err);
      SelfTestReport report = SelfTestReport.run(device, seed, err);
      out.println(json ? Output.json(report.toMap()) : report);
      return report.passed() ? 0 : 1;
    }
  }

  private static Map<String, String> system() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("culebra", Version.get());
    facts.put(
        "java",
        Runtime.version() + ", " + property("java.vendor.version") + ", " + property("java.home"));
    facts.put(
        "system", property("os.name") + " " + property("os.version") + ", " + property("os.arch"));
    facts.put(
        "processor",
        Machine.processor() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
    facts.put("instructions", Machine.instructionSets());
    facts.put("vectors", Machine.vectorBits() + " bits by the Java Vector API");
    facts.put("memory", memory());
    return facts;
  }

  private static String memory() {
    String machine =
        Machine.memory("MemTotal").map(MemoryReport::size).orElse("unknown")
            + ", "
            + Machine.memory("MemAvailable").map(MemoryReport::size).orElse("unknown")
            + " of it available";
    long heap = Runtime.getRuntime().maxMemory();
    return machine + "; Java heap of at most " + MemoryReport.size(heap);
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }

  private static void print(DeviceSurvey survey, PrintWriter out) {
    Table facts = new Table();
    system().forEach(facts::row);
    out.println(facts);
    out.println();
    out.println("Devices");
    Table devices = new Table();
    for (DeviceSurvey.Entry device : survey.devices()) {
      devices.row("  " + device.name(), device.usable() ? "ready" : "no", device.description());
    }
    out.println(devices);
    for (LibraryStatus library : survey.libraries()) {
      out.println();
      out.println(library.name() + ": " + library.description());
      if (library.attempts().isEmpty()) {
        continue;
      }
      Table attempts = new Table();
      for (Attempt attempt : library.attempts()) {
        String file = attempt.file().isEmpty() ? "-" : attempt.file();
        attempts.row("  " + attempt.place(), file, attempt.outcome());
      }
      out.println(attempts);
    }
    out.println();
    out.println("Cache folders, the first that can be written is used");
    Table caches = new Table();
    survey.caches().forEach(cache -> caches.row("  " + cache, state(cache)));
    out.println(caches);
  }

  private static String state(Path folder) {
    if (!Files.exists(folder)) {
      return "not made yet";
    }
    return Files.isWritable(folder) ? "writable" : "not writable";
  }

  private static Map<String, Object> report(DeviceSurvey survey) {
    Map<String, Object> report = new LinkedHashMap<>(system());
    report.put("devices", survey.devices());
    report.put("libraries", survey.libraries());
    report.put("caches", survey.caches().stream().map(DoctorCommand::cache).toList());
    return report;
  }

  private static Map<String, String> cache(Path folder) {
    return Map.of("folder", folder.toString(), "state", state(folder));
  }
}
