package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Ctrl-C does to a run. */
final class InterruptTest {

  private static final String SMALL =
      """
      tokenizer.vocabulary: 300
      model: {width: 16, layers: 1, heads: 2, context: 16}
      batch.sequences: 2
      data.heldOut: 0.001
      schedule: {steps: 1000000, warmup: 1}
      run: {checkpointEvery: 1000000, evaluateEvery: 1000000}
      """;

  @TempDir Path folder;
  private Map<String, String> environment;

  @BeforeEach
  void writeRecipe() throws IOException {
    assumeTrue(Launched.isBuilt(), "the program is built by 'mvn package'");
    Files.writeString(folder.resolve("small.yaml"), SMALL);
    environment =
        Launched.environment(
            "CULEBRA_JAVA_HOME",
            System.getProperty("java.home"),
            "XDG_CACHE_HOME",
            System.getProperty("user.home") + "/.cache");
  }

  private Outcome interruptAfterAStep(String signal, String... args) throws Exception {
    Process process = Launched.start(folder, environment, concat(Launched.SCRIPT.toString(), args));
    while (process.isAlive() && !Launched.text(folder, "err.txt").contains("tokens/s  left")) {
      Thread.sleep(20);
    }
    new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor();
    return Launched.outcome(folder, process);
  }

  private static List<String> concat(String first, String... rest) {
    return Stream.concat(Stream.of(first), Stream.of(rest)).toList();
  }

  private long newestCheckpoint() throws IOException {
    try (var checkpoints = Files.list(folder.resolve("run/checkpoints"))) {
      return checkpoints
          .map(path -> path.getFileName().toString())
          .filter(name -> name.matches("step-\\d+"))
          .mapToLong(name -> Long.parseLong(name.substring("step-".length())))
          .max()
          .orElseThrow();
    }
  }

  @Test
  void anInterruptSavesAndResumeGoesOn() throws Exception {
    Outcome first = interruptAfterAStep("INT", "train", "small.yaml", "--out", "run");
    assertThat(first.code()).as(first.err()).isEqualTo(130);
    long step = newestCheckpoint();
    assertThat(first.err())
        .contains("interrupted: finishing the step and saving")
        .contains("interrupted after step " + step + ", which is saved; continue with:  ")
        .contains("culebra train --resume --out run")
        .doesNotContain("culebra: ", "\tat ");

    Outcome second = interruptAfterAStep("TERM", "train", "--resume", "--out", "run");
    assertThat(second.code()).as(second.err()).isEqualTo(143);
    assertThat(second.err()).contains("step " + (step + 1) + "/1000000 ");
    assertThat(newestCheckpoint()).isGreaterThan(step);
    assertThat(Files.readAllLines(folder.resolve("run/metrics.jsonl")))
        .hasSize(Math.toIntExact(newestCheckpoint()));
  }
}
