package dev.culebra.test.soft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import dev.culebra.test.lane.Seeds;
import dev.culebra.test.lane.SoftwareControls;
import dev.culebra.test.lane.SoftwareLane;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.train.inference.Captioner;
import dev.culebra.train.inference.Captioner.Caption;
import dev.culebra.train.inference.GenerationOptions;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Small dual encoders, trained for a few steps by the CUDA path and by the CPU. */
final class SoftPairTest {

  private static final int STEPS = 4;

  @TempDir static Path folder;

  @BeforeAll
  static void load() {
    SoftwareLane.load();
  }

  @ParameterizedTest
  @CsvSource({
    "contrastive, auto, 0",
    "contrastive, auto, 4",
    "clip, auto, 0",
    "clip, vit-bert, 0",
    "siglip, auto, 4",
    "caption, auto, 0"
  })
  void followsTheCpu(String objective, String family, int chunk) throws IOException {
    Path data =
        objective.equals("contrastive") ? SmallPairs.texts(folder) : SmallPairs.images(folder);
    Recipe recipe =
        SmallPairs.recipe(
            objective,
            data,
            "model.family=" + family,
            "model.width=32",
            "batch.accumulation=1",
            "contrast.chunk=" + chunk,
            "schedule.steps=" + STEPS,
            "schedule.warmup=0",
            "run.checkpointEvery=100");
    List<Double> cpu;
    try (Device device = CpuDevice.open(1)) {
      cpu = losses(recipe, device);
    }
    long seed = Seeds.all().getFirst();
    assertLosses(onSoft(recipe, Precision.FP32, seed), cpu, 1e-5, seed);
    // Cosines of bfloat16 embeddings are off by some 2^-9, and logits are 14 of these.
    assertLosses(onSoft(recipe, Precision.BF16, seed), cpu, 0.1, seed);
  }

  /** Captions token by token, by a model that the CPU trained. */
  @Test
  void writesTheCaptionsOfTheCpu() throws IOException {
    Path images = SmallPairs.images(folder);
    Path run = folder.resolve("written");
    Path few = Files.createDirectories(folder.resolve("few"));
    for (String name : List.of("red3.png", "blue8.png")) {
      Files.copy(images.resolve(name), few.resolve(name));
    }
    List<Caption> cpu;
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe =
          SmallPairs.recipe("caption", images, "schedule.steps=60", "optimizer.learningRate=0.01");
      Run.train(recipe, run, false, device, new RunListener() {});
      cpu = captions(run, few, device);
    }
    assertThat(cpu).hasSize(2).allMatch(caption -> !caption.tokens().isEmpty());
    long seed = Seeds.all().getFirst();
    try (Device device = SoftwareLane.open(seed, Precision.FP32, true)) {
      assertThat(captions(run, few, device)).as("seed %d", seed).isEqualTo(cpu);
    }
    assertThat(SoftwareControls.leaks()).as("left on the device").isEmpty();
  }

  private static List<Caption> captions(Path run, Path images, Device device) {
    List<Caption> captions = new ArrayList<>();
    try (Captioner captioner = Captioner.open(run, device)) {
      captioner.write(images, "", new GenerationOptions(6, 0, 0, 1, 1), captions::add);
    }
    return captions;
  }

  private static List<Double> onSoft(Recipe recipe, Precision precision, long seed)
      throws IOException {
    List<Double> losses;
    try (Device device = SoftwareLane.open(seed, precision, true)) {
      losses = losses(recipe, device);
    }
    assertThat(SoftwareControls.leaks()).as("left on the device").isEmpty();
    return losses;
  }

  private static List<Double> losses(Recipe recipe, Device device) throws IOException {
    List<Double> losses = new ArrayList<>();
    Run.train(
        recipe,
        Files.createTempDirectory(folder, "run"),
        false,
        device,
        new RunListener() {
          @Override
          public void step(Step step) {
            losses.add(step.loss());
          }
        });
    return losses;
  }

  private static void assertLosses(
      List<Double> soft, List<Double> cpu, double tolerance, long seed) {
    assertThat(soft).hasSize(STEPS);
    for (int i = 0; i < STEPS; i++) {
      assertThat(soft.get(i))
          .as("loss of step %d, seed %d", i + 1, seed)
          .isCloseTo(cpu.get(i), within(tolerance * Math.max(1, cpu.get(i))));
    }
  }
}
