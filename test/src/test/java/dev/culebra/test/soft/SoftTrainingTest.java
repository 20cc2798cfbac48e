package dev.culebra.test.soft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import dev.culebra.test.lane.Seeds;
import dev.culebra.test.lane.SoftwareControls;
import dev.culebra.test.lane.SoftwareLane;
import dev.culebra.test.run.SmallRun;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model of 2 layers and width 64, trained for 10 steps by the CUDA path and by the CPU. */
final class SoftTrainingTest {

  private static final int STEPS = 10;

  @TempDir static Path folder;

  private static Path text;

  /** What a run left: its losses and its weights. */
  private record Trained(List<Double> losses, byte[] weights) {}

  @BeforeAll
  static void load() throws IOException {
    SoftwareLane.load();
    text = SmallRun.text(folder);
  }

  private static Recipe recipe(String family) {
    return TinyRun.recipe(
        text,
        "model.family=" + family,
        "model.layers=2",
        "model.width=64",
        "model.heads=2",
        "model.context=24",
        "batch.sequences=2",
        "batch.accumulation=2",
        "tokenizer.vocabulary=300",
        "schedule.steps=" + STEPS,
        "schedule.warmup=2",
        "data.heldOut=0.01",
        "run.evaluateTokens=24");
  }

  private static Trained onSoft(String family, Precision precision, boolean graphs, long seed)
      throws IOException {
    Path run = Files.createTempDirectory(folder, "soft");
    List<Double> losses;
    try (Device device = SoftwareLane.open(seed, precision, graphs)) {
      losses = TinyRun.train(recipe(family), run, device);
    }
    assertThat(SoftwareControls.leaks()).as("left on the device").isEmpty();
    return new Trained(losses, weights(run));
  }

  private static Trained onCpu(String family) throws IOException {
    Path run = Files.createTempDirectory(folder, "cpu");
    try (Device device = CpuDevice.open(1)) {
      return new Trained(TinyRun.train(recipe(family), run, device), weights(run));
    }
  }

  private static byte[] weights(Path run) throws IOException {
    return Files.readAllBytes(run.resolve(RunFolder.MODEL).resolve("model.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama"})
  void followsTheCpu(String family) throws IOException {
    long seed = Seeds.all().getFirst();
    Trained cpu = onCpu(family);
    assertThat(cpu.losses).hasSize(STEPS);
    Trained single = onSoft(family, Precision.FP32, true, seed);
    assertLosses(single, cpu, 1e-5, seed);
    // bfloat16 keeps 8 bits: a loss of 5 nat from logits that are off by 2^-8 of their size.
    Trained half = onSoft(family, Precision.BF16, true, seed);
    assertLosses(half, cpu, 0.03, seed);
  }

  private static void assertLosses(Trained soft, Trained cpu, double tolerance, long seed) {
    for (int i = 0; i < STEPS; i++) {
      assertThat(soft.losses.get(i))
          .as("loss of step %d, seed %d", i + 1, seed)
          .isCloseTo(cpu.losses.get(i), within(tolerance));
    }
  }

  @Test
  void repeatsBitByBitWithAndWithoutTheGraph() throws IOException {
    long seed = Seeds.all().getFirst();
    Trained graph = onSoft("llama", Precision.BF16, true, seed);
    Trained otherSchedule = onSoft("llama", Precision.BF16, true, seed + 1);
    Trained launched = onSoft("llama", Precision.BF16, false, seed + 2);
    assertThat(otherSchedule.weights)
        .as("another schedule, seed %d", seed)
        .isEqualTo(graph.weights);
    assertThat(launched.weights).as("without the graph, seed %d", seed).isEqualTo(graph.weights);
    assertThat(launched.losses).isEqualTo(graph.losses);
  }
}
