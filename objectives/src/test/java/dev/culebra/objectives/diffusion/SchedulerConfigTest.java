package dev.culebra.objectives.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule;
import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a {@code scheduler_config.json} of diffusers says is done, or refused by name. */
final class SchedulerConfigTest {

  @TempDir private Path folder;

  private NoiseProcess load(String json) {
    try {
      Files.writeString(folder.resolve(NoiseProcess.FILE), json.replace('\'', '"'));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return NoiseProcess.load(folder);
  }

  private static double[] betas(NoiseProcess process) {
    NoiseSchedule schedule = process.schedule();
    return IntStream.range(0, process.steps()).mapToDouble(schedule::beta).toArray();
  }

  /** The timesteps of diffusers' set_timesteps. */
  @ParameterizedTest
  @CsvSource({
    "leading, 0, 800 600 400 200 0",
    "leading, 1, 801 601 401 201 1",
    "trailing, 0, 999 799 599 399 199",
    "linspace, 0, 999 749 500 250 0",
    ", 0, 800 600 400 200 0"
  })
  void stepsAreSpacedSo(String spacing, int offset, String expected) {
    String named = spacing == null ? "" : "'timestep_spacing': '" + spacing + "', ";
    NoiseProcess process = load("{" + named + "'steps_offset': " + offset + "}");
    DiffusionChain chain = new DiffusionChain(process, Method.DDIM, 5);

    assertThat(IntStream.range(0, 5).map(chain::timestep))
        .containsExactlyElementsOf(
            Arrays.stream(expected.split(" ")).map(Integer::valueOf).toList());
  }

  @Test
  void anOffsetBeyondTheLastStepIsRefused() {
    NoiseProcess process = load("{'steps_offset': 1}");

    assertThatThrownBy(() -> new DiffusionChain(process, Method.DDPM, 1000))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("steps_offset 1");
  }

  @Test
  void betasAreThoseOfTheFile() {
    assertThat(betas(load("{'num_train_timesteps': 3, 'trained_betas': [0.1, 0.5, 0.25]}")))
        .containsExactly(0.1, 0.5, 0.25);
    assertThat(betas(load("{'num_train_timesteps': 3, 'beta_start': 0.1, 'beta_end': 0.3}")))
        .containsExactly(new double[] {0.1, 0.2, 0.3}, within(1e-12));
    assertThat(
            betas(
                load(
                    "{'num_train_timesteps': 3, 'beta_start': 0.01, 'beta_end': 0.09,"
                        + " 'beta_schedule': 'scaled_linear'}")))
        .containsExactly(new double[] {0.01, 0.04, 0.09}, within(1e-12));
    assertThat(
            betas(
                load(
                    "{'num_train_timesteps': 3, 'beta_start': 0.1, 'beta_end': 0.3,"
                        + " 'beta_schedule': 'sigmoid'}")))
        .containsExactly(
            new double[] {0.1 + 0.2 * 0.0024726231566347743, 0.2, 0.1 + 0.2 * 0.9975273768433653},
            within(1e-12));
  }

  /** One step to the end, from a prediction that implies an image of 3. */
  private static float last(NoiseProcess process, Method method) {
    DiffusionChain chain = new DiffusionChain(process, method, 2);
    NoiseSchedule schedule = process.schedule();
    int t = chain.timestep(1);
    float[] x = {(float) (3 * schedule.signal(t) + 0.5 * schedule.noise(t))};
    chain.step(1, x, new float[] {0.5f}, 1, 0);
    return x[0];
  }

  @Test
  void imagesAreHeldToTheRange() {
    String trailing = "'num_train_timesteps': 100, 'timestep_spacing': 'trailing'";

    assertThat(last(load("{" + trailing + "}"), Method.DDIM)).isEqualTo(1);
    assertThat(last(load("{" + trailing + ", 'clip_sample_range': 2.5}"), Method.DDIM))
        .isEqualTo(2.5f);
    assertThat(last(load("{" + trailing + ", 'clip_sample': false}"), Method.DDIM))
        .isCloseTo(3, within(1e-5f));
  }

  /** Then the last step of DDIM keeps the noise that the first step of the process adds. */
  @Test
  void theEndIsTheFirstShareIfTheFileSaysSo() {
    NoiseProcess process =
        load(
            "{'_class_name': 'DDIMScheduler', 'num_train_timesteps': 100, 'timestep_spacing':"
                + " 'trailing', 'clip_sample': false, 'set_alpha_to_one': false}");
    NoiseSchedule schedule = process.schedule();
    double expected = 3 * schedule.signal(0) + 0.5 * schedule.noise(0);

    assertThat(last(process, Method.DDIM)).isCloseTo((float) expected, within(1e-5f));
    assertThat(last(process, Method.DDPM)).isCloseTo(3, within(1e-5f));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'thresholding': true | thresholding true is not supported",
        "'prediction_type': 'sample' | prediction_type \"sample\" is not supported",
        "'variance_type': 'learned_range' | variance_type \"learned_range\" is not supported",
        "'_class_name': 'PNDMScheduler' | _class_name \"PNDMScheduler\" is not supported",
        "'timestep_spacing': 'karras' | timestep_spacing \"karras\" is not supported",
        "'beta_schedule': 7 | beta_schedule 7 is not supported",
        "'trained_betas': [0.1] | trained_betas must be as many numbers",
        "'trained_betas': 'x' | trained_betas must be as many numbers",
        "'beta_end': 3 | must lie between 0 and 1",
        "'beta_start': 'x' | beta_start must be a number",
        "'num_train_timesteps': 1 | num_train_timesteps must be a whole number from 2",
        "'num_train_timesteps': 1e9 | num_train_timesteps must be a whole number from 2",
        "'clip_sample': 'no' | clip_sample must be true or false",
        "'clip_sample_range': -1 | clip_sample_range must be a positive number",
        "'clip_sample': null | clip_sample must be true or false, not null",
        "'timestep_spacing': null | timestep_spacing null is not supported",
        "'num_train_timesteps': null | num_train_timesteps must be a whole number",
        "'variance_type': 'fixed_large_log' | variance_type \"fixed_large_log\" is not supported",
        "'steps_offset': -1 | steps_offset must be a whole number",
        "'rescale_betas_zero_snr': true | predict v"
      })
  void whatIsNotSupportedIsRefusedByName(String json, String message) {
    assertThatThrownBy(() -> load("{" + json + "}"))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(folder.resolve(NoiseProcess.FILE).toString())
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{'num_train_timesteps': 3, 'trained_betas': [0.1, 0.5, 0.25]}",
        "{'num_train_timesteps': 7, 'beta_schedule': 'sigmoid', 'clip_sample': false}",
        "{'timestep_spacing': 'trailing', 'clip_sample_range': 2.0, 'steps_offset': 1}",
        "{'_class_name': 'DDIMScheduler', 'variance_type': 'fixed_large'}",
        "{'_class_name': 'DDPMScheduler', 'variance_type': 'fixed_large'}",
        "{'set_alpha_to_one': false, 'beta_schedule': 'squaredcos_cap_v2'}"
      })
  void whatIsReadIsWritten(String json) throws IOException {
    NoiseProcess process = load(json);
    process.save(folder);

    assertThat(NoiseProcess.load(folder)).isEqualTo(process);
  }
}
