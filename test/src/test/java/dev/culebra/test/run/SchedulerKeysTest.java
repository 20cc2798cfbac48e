package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.objectives.diffusion.DiffusionSampler.Order;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.train.inference.Drawing;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * Each key of a trained folder's {@code scheduler_config.json}, changed: other images are drawn, or
 * the key is refused by name, or it changes nothing because nothing reads it then.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SchedulerKeysTest {

  private static final int SHORT = 9;

  private Device device;
  private Path model;
  private ObjectNode own;

  @BeforeAll
  void train(@TempDir Path temporary) throws IOException {
    device = CpuDevice.open(1);
    Path run = temporary.resolve("run");
    Path images = SmallImages.write(temporary.resolve("images"), 24);
    Run.train(
        SmallImages.recipe(images, "diffusion.predict=v", "diffusion.schedule=linear"),
        run,
        false,
        device,
        new RunListener() {});
    model = run.resolve("model");
    own = (ObjectNode) Json.read(model.resolve(NoiseProcess.FILE));
  }

  @AfterAll
  void close() {
    device.close();
  }

  /** What the folder draws with some keys changed, of 9 steps, or of as many as there are. */
  private int[] drawn(String changes) throws IOException {
    ObjectNode config = own.deepCopy();
    config.setAll((ObjectNode) Json.MAPPER.readTree("{" + changes.replace('\'', '"') + "}"));
    Files.writeString(model.resolve(NoiseProcess.FILE), config.toString());
    try (Drawing drawing = Drawing.open(model, device)) {
      Method method = drawing.method();
      int length = method == Method.DDPM ? drawing.steps() : SHORT;
      BufferedImage grid =
          drawing.draw(Order.of(4, Order.NO_CLASS, 1, 3), method, length, (done, all) -> {});
      return grid.getRGB(0, 0, grid.getWidth(), grid.getHeight(), null, 0, grid.getWidth());
    }
  }

  private static final String DDPM = "'_class_name': 'DDPMScheduler'";
  private static final String LEADING = "'timestep_spacing': 'leading'";

  /** What is there before, and what is changed, to other images. */
  static List<List<String>> telling() {
    return List.of(
        List.of("", DDPM),
        List.of("", "'num_train_timesteps': 40"),
        List.of("", "'beta_schedule': 'squaredcos_cap_v2'"),
        List.of("", "'beta_schedule': 'sigmoid'"),
        List.of("", "'beta_schedule': 'scaled_linear'"),
        List.of("", "'beta_start': 0.05"),
        List.of("", "'beta_end': 0.3"),
        List.of("", "'trained_betas': " + Arrays.toString(betas())),
        List.of("", "'prediction_type': 'epsilon'"),
        List.of("'beta_end': 0.3", "'rescale_betas_zero_snr': true"),
        List.of("'clip_sample_range': 0.2", "'clip_sample': false"),
        List.of("", "'clip_sample_range': 0.2"),
        List.of("", LEADING),
        List.of("", "'timestep_spacing': 'linspace'"),
        List.of(LEADING, "'steps_offset': 2"),
        List.of(LEADING, "'set_alpha_to_one': false"),
        List.of(DDPM, "'variance_type': 'fixed_large'"));
  }

  private static double[] betas() {
    double[] betas = new double[20];
    Arrays.setAll(betas, i -> 0.01 + 0.02 * (i % 7));
    return betas;
  }

  @ParameterizedTest
  @MethodSource("telling")
  void otherImagesAreDrawn(List<String> keys) throws IOException {
    String before = keys.get(0);
    int[] changed = drawn(before.isEmpty() ? keys.get(1) : before + ", " + keys.get(1));

    assertThat(changed).isNotEqualTo(drawn(before));
  }

  /** Keys of a way that is not gone: as for diffusers. */
  static List<List<String>> silent() {
    return List.of(
        List.of("", "'trained_betas': null"),
        List.of("", "'thresholding': false"),
        List.of("", "'dynamic_thresholding_ratio': 0.5"),
        List.of("", "'sample_max_value': 3"),
        List.of("", "'_diffusers_version': '9'"),
        List.of("", "'steps_offset': 3"),
        List.of("", "'variance_type': 'fixed_large'"),
        List.of(DDPM, "'set_alpha_to_one': false"),
        List.of(DDPM, "'variance_type': 'fixed_small_log'"));
  }

  @ParameterizedTest
  @MethodSource("silent")
  void theSameImagesAreDrawn(List<String> keys) throws IOException {
    String before = keys.get(0);
    int[] changed = drawn(before.isEmpty() ? keys.get(1) : before + ", " + keys.get(1));

    assertThat(changed).isEqualTo(drawn(before));
  }

  static List<String> refused() {
    return List.of(
        "'_class_name': 'EulerDiscreteScheduler'",
        "'num_train_timesteps': 1",
        "'beta_schedule': 'laplace'",
        "'beta_end': 7",
        "'beta_start': '0'",
        "'trained_betas': [0.1, 0.2]",
        "'prediction_type': 'sample'",
        "'thresholding': true",
        "'clip_sample': 1",
        "'clip_sample_range': 0",
        "'timestep_spacing': 'karras'",
        "'steps_offset': -1",
        "'set_alpha_to_one': 'yes'",
        "'variance_type': 'learned_range'",
        "'rescale_betas_zero_snr': 0");
  }

  @ParameterizedTest
  @MethodSource("refused")
  void otherwiseTheKeyIsRefusedByName(String change) {
    assertThatThrownBy(() -> drawn(change))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(NoiseProcess.FILE)
        .hasMessageContaining(change.startsWith("'beta_end") ? "betas" : name(change));
  }

  private static String name(String change) {
    return change.substring(1, change.indexOf('\'', 1));
  }

  @Test
  void everyKeyIsTried() {
    Set<String> tried = new HashSet<>();
    telling().forEach(keys -> tried.add(name(keys.get(1))));
    silent().forEach(keys -> tried.add(name(keys.get(1))));

    assertThat(tried).containsExactlyInAnyOrderElementsOf(NoiseProcess.KEYS.keys().keySet());
  }

  @Test
  void anUnknownKeyIsNoted() throws IOException {
    List<String> notes = new ArrayList<>();
    int[] before = drawn("");
    int[] noted = Notes.to(notes::add, () -> drawn("'final_sigmas_type': 'zero'"));

    assertThat(noted).isEqualTo(before);
    assertThat(notes).singleElement().asString().contains("\"final_sigmas_type\"");
  }
}
