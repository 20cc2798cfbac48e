package dev.culebra.test.soft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import dev.culebra.test.lane.Seeds;
import dev.culebra.test.lane.SoftwareControls;
import dev.culebra.test.lane.SoftwareLane;
import dev.culebra.test.run.TextRecipes;
import dev.culebra.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each recipe of text takes a few steps on the CUDA path with the losses of the CPU. */
final class SoftTextRecipesTest {

  private static final int STEPS = 3;

  @TempDir static Path data;

  @TempDir Path runs;

  @BeforeAll
  static void load() throws IOException {
    SoftwareLane.load();
    TextRecipes.write(data);
  }

  static List<String> recipes() {
    return TextRecipes.ALL;
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void followsTheCpu(String name) throws IOException {
    Recipe recipe =
        TextRecipes.recipe(
            name,
            data,
            "model.layers=1",
            "model.context=24",
            "batch.sequences=2",
            "batch.accumulation=1",
            "schedule.steps=" + STEPS,
            "data.heldOut=0.08",
            "run.evaluateTokens=8");
    List<Double> expected;
    try (Device device = CpuDevice.open(1)) {
      expected = TinyRun.train(recipe, runs.resolve("cpu"), device);
    }
    long seed = Seeds.all().getFirst();
    List<Double> losses;
    try (Device device = SoftwareLane.open(seed, Precision.FP32, true)) {
      losses = TinyRun.train(recipe, runs.resolve("soft"), device);
    }
    assertThat(SoftwareControls.leaks()).as("left on the device").isEmpty();
    assertThat(losses).hasSize(STEPS);
    for (int i = 0; i < STEPS; i++) {
      assertThat(losses.get(i))
          .as("loss of step %d, seed %d", i + 1, seed)
          .isCloseTo(expected.get(i), within(1e-5));
    }
  }
}
