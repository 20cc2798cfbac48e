package dev.culebra.test.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each parser in JVMs of its own with a heap of 256 MB: half the inputs are sound files changed
 * blindly, half are led by coverage (Jazzer). The table is written to {@code target/fuzz/table.md},
 * and what shows a defect is kept beside it.
 */
@EnabledIfSystemProperty(named = "culebra.test.fuzz.campaign", matches = "true")
final class FuzzCampaignTest {
  private static final long INPUTS = Long.getLong("culebra.test.fuzz.inputs", 100_000);
  private static final long SEED = Long.getLong("culebra.test.fuzz.seed", 20261130);
  private static final Path FOLDER = Path.of("target", "fuzz").toAbsolutePath();

  /** Jazzer's own detectors: reading files is what is tried here. */
  private static final String SANITIZERS =
      "ClojureLangHooks Deserialization ExpressionLanguageInjection FilePathTraversal"
          + " IntegerOverflow LdapInjection NamingContextLookup OsCommandInjection"
          + " ReflectiveCall RegexInjection RegexRoadblocks ScriptEngineInjection"
          + " ServerSideRequestForgery SqlInjection UnsafeArrayOutOfBounds UnsafeSanitizer"
          + " XPathInjection";

  static List<Parser> parsers() {
    return Parsers.all();
  }

  @ParameterizedTest
  @MethodSource("parsers")
  void inputsAreAcceptedOrRefused(Parser parser) throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    String half = Long.toString(INPUTS / 2);
    List<String> blind =
        run(
            List.of(),
            List.of(
                Campaign.class.getName(),
                parser.name(),
                half,
                Long.toString(SEED),
                FOLDER.resolve("blind").toString()));
    Path corpus = Guided.seeds(parser, FOLDER);
    List<String> led =
        run(
            List.of(
                "-XX:+EnableDynamicAgentLoading",
                "-Dculebra.fuzz.parser=" + parser.name(),
                "-Dculebra.fuzz.folder=" + FOLDER.resolve("led")),
            List.of(
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Guided.class.getName(),
                "--instrumentation_includes=dev.culebra.data.**:dev.culebra.models.**:dev.culebra.objectives.**:dev.culebra.train.**:dev.culebra.runtime.**",
                "--instrumentation_excludes=dev.culebra.runtime.cpu.**",
                "--disabled_hooks=" + hooks(),
                "--reproducer_path=" + FOLDER,
                "-artifact_prefix=" + FOLDER + "/",
                "-runs=" + half,
                "-seed=" + SEED,
                "-max_len=65536",
                "-print_final_stats=0",
                "-verbosity=0",
                corpus.toString()));
    String rows = row("blind", blind) + row("led", led);
    Files.writeString(
        FOLDER.resolve("table.md"), rows, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    for (List<String> lines : List.of(blind, led)) {
      assertThat(lines.getLast()).as(String.join("\n", lines)).startsWith("| ").contains("| 0 |");
    }
  }

  private static String hooks() {
    List<String> all = new ArrayList<>();
    for (String name : SANITIZERS.split(" ")) {
      all.add("com.code_intelligence.jazzer.sanitizers." + name);
    }
    return String.join(":", all);
  }

  /** The row of a run's table, which is its last line but for a defect. */
  private static String row(String how, List<String> lines) {
    return "| " + how + " " + lines.getLast() + "\n";
  }

  /** The lines of a JVM; the row last, or how the process ended. */
  private static List<String> run(List<String> options, List<String> main)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path")));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(a -> a.startsWith("--") || a.startsWith("-Dculebra.home"))
        .forEach(command::add);
    command.addAll(options);
    command.addAll(main);
    Process process =
        new ProcessBuilder(command).directory(FOLDER.toFile()).redirectErrorStream(true).start();
    List<String> lines =
        new ArrayList<>(
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList());
    int code = process.waitFor();
    List<String> rows = lines.stream().filter(line -> line.startsWith("| ")).toList();
    lines.addAll(rows);
    if (rows.isEmpty()) {
      lines.add("ended with " + code);
    }
    return lines;
  }
}
