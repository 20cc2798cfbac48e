package dev.culebra.test.soft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.objectives.diffusion.DiffusionSampler.Order;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Precision;
import dev.culebra.test.lane.Seeds;
import dev.culebra.test.lane.SoftwareControls;
import dev.culebra.test.lane.SoftwareLane;
import dev.culebra.test.run.SmallImages;
import dev.culebra.train.inference.Drawing;
import dev.culebra.train.recipe.Recipe;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny denoiser, trained for some steps and drawn from by the CUDA path and by the CPU. */
final class SoftDiffusionTest {

  private static final int STEPS = 6;

  @TempDir static Path folder;

  private static Path images;

  @BeforeAll
  static void load() throws IOException {
    SoftwareLane.load();
    images = SmallImages.write(folder.resolve("images"), 24);
  }

  private static Recipe recipe() {
    return SmallImages.recipe(
        images,
        "model.width=32",
        "batch.sequences=3",
        "schedule.steps=" + STEPS,
        "run.evaluateTokens=3",
        "diffusion.draws=1");
  }

  /** What a run left: its losses, its averaged weights, and two images drawn from them. */
  private record Trained(List<Double> losses, byte[] weights, BufferedImage drawn) {}

  private static Trained train(Device device) throws IOException {
    Path run = Files.createTempDirectory(folder, "run");
    List<Double> losses = TinyRun.train(recipe(), run, device);
    try (Drawing drawing = Drawing.open(run, device)) {
      BufferedImage drawn = drawing.draw(Order.of(2, -1, 1, 1), Method.DDPM, 4, (done, all) -> {});
      byte[] weights = Files.readAllBytes(run.resolve("model/diffusion_pytorch_model.safetensors"));
      return new Trained(losses, weights, drawn);
    }
  }

  private static Trained onSoft(Precision precision, boolean graphs, long seed) throws IOException {
    Trained trained;
    try (Device device = SoftwareLane.open(seed, precision, graphs)) {
      trained = train(device);
    }
    assertThat(SoftwareControls.leaks()).as("left on the device").isEmpty();
    return trained;
  }

  @Test
  void followsTheCpu() throws IOException {
    long seed = Seeds.all().getFirst();
    Trained cpu;
    try (Device device = CpuDevice.open(1)) {
      cpu = train(device);
    }
    assertThat(cpu.losses).hasSize(STEPS);
    Trained single = onSoft(Precision.FP32, true, seed);
    Trained half = onSoft(Precision.BF16, true, seed);
    for (int i = 0; i < STEPS; i++) {
      assertThat(single.losses.get(i))
          .as("seed %d", seed)
          .isCloseTo(cpu.losses.get(i), within(1e-5));
      assertThat(half.losses.get(i)).as("seed %d", seed).isCloseTo(cpu.losses.get(i), within(0.03));
    }
    for (int x = 0; x < cpu.drawn.getWidth(); x++) {
      for (int y = 0; y < cpu.drawn.getHeight(); y++) {
        for (int shift = 0; shift < 24; shift += 8) {
          int expected = cpu.drawn.getRGB(x, y) >> shift & 0xFF;
          assertThat(single.drawn.getRGB(x, y) >> shift & 0xFF).isCloseTo(expected, within(1));
        }
      }
    }
  }

  @Test
  void repeatsBitByBitWithAndWithoutTheGraph() throws IOException {
    long seed = Seeds.all().getFirst();
    Trained graph = onSoft(Precision.BF16, true, seed);
    Trained launched = onSoft(Precision.BF16, false, seed + 1);
    assertThat(launched.losses).as("seed %d", seed).isEqualTo(graph.losses);
    assertThat(launched.weights).as("seed %d", seed).isEqualTo(graph.weights);
  }
}
