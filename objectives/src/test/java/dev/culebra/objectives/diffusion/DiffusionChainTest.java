package dev.culebra.objectives.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way from noise to images. */
class DiffusionChainTest {

  /** What a model would say that knows the image. */
  private static float[] perfect(NoiseProcess process, int t, float[] x, float[] image) {
    NoiseSchedule schedule = process.schedule();
    double signal = schedule.signal(t);
    double noise = schedule.noise(t);
    float[] predicted = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      double eps = (x[i] - signal * image[i]) / noise;
      predicted[i] =
          (float)
              (process.prediction() == Prediction.EPSILON ? eps : signal * eps - noise * image[i]);
    }
    return predicted;
  }

  @ParameterizedTest
  @CsvSource({
    "DDIM, 1000, linear, EPSILON, false",
    "DDIM, 8, cosine, V, false",
    "DDIM, 1, cosine, V, true",
    "DDIM, 50, linear, V, true",
    "DDPM, 1000, cosine, EPSILON, false",
    "DDPM, 20, linear, EPSILON, false"
  })
  void aPerfectPredictionLeadsToTheImage(
      Method method, int length, String kind, Prediction prediction, boolean zeroTerminal) {
    SplittableRandom random = new SplittableRandom(5);
    float[] image = new float[32];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) (2 * random.nextDouble() - 1);
    }
    NoiseProcess process = new NoiseProcess(1000, kind, prediction, zeroTerminal);
    DiffusionChain chain = new DiffusionChain(process, method, length);
    float[] x = chain.start(3, 0, image.length);
    for (int step = 0; step < chain.length(); step++) {
      float[] predicted = perfect(process, chain.timestep(step), x, image);
      chain.step(step, x, predicted, 3, 0);
    }
    for (int i = 0; i < x.length; i++) {
      assertThat(x[i]).isCloseTo(image[i], within(2e-5f));
    }
  }

  /** With the image known, a DDIM step keeps the noise and changes its share. */
  @Test
  void ddimKeepsTheNoise() {
    NoiseProcess process = new NoiseProcess(1000, "cosine", Prediction.EPSILON, false);
    NoiseSchedule schedule = process.schedule();
    DiffusionChain chain = new DiffusionChain(process, Method.DDIM, 10);
    int from = chain.timestep(4);
    int to = chain.timestep(5);
    float[] x = {(float) (schedule.signal(from) * 0.5 + schedule.noise(from) * -1.25)};
    chain.step(4, x, new float[] {-1.25f}, 1, 0);
    double expected = schedule.signal(to) * 0.5 + schedule.noise(to) * -1.25;
    assertThat(x[0]).isCloseTo((float) expected, within(1e-6f));
  }

  /** All steps of DDPM have the variance and the mean of the posterior. */
  @Test
  void ddpmDrawsFromThePosterior() {
    NoiseProcess process = new NoiseProcess(1000, "linear", Prediction.EPSILON, false);
    NoiseSchedule schedule = process.schedule();
    DiffusionChain chain = new DiffusionChain(process, Method.DDPM, 1000);
    int t = 400;
    int index = 999 - t;
    double image = 0.25;
    double eps = 0.75;
    float[] x = new float[20_000];
    float[] predicted = new float[x.length];
    double now = schedule.signal(t) * image + schedule.noise(t) * eps;
    Arrays.fill(x, (float) now);
    Arrays.fill(predicted, (float) eps);
    chain.step(index, x, predicted, 11, 0);
    double before = schedule.alphaBar(t - 1);
    double mean =
        Math.sqrt(before) * schedule.beta(t) / (1 - schedule.alphaBar(t)) * image
            + Math.sqrt(1 - schedule.beta(t)) * (1 - before) / (1 - schedule.alphaBar(t)) * now;
    double sum = 0;
    double square = 0;
    for (float value : x) {
      sum += value - mean;
      square += (value - mean) * (value - mean);
    }
    double deviation = Math.sqrt(schedule.posteriorVariance(t));
    assertThat(sum / x.length).isCloseTo(0, within(0.03 * deviation));
    assertThat(square / x.length / schedule.posteriorVariance(t)).isCloseTo(1, within(0.04));
  }

  @Test
  void stepsGoBackFromTheLast() {
    NoiseProcess process = new NoiseProcess(1000, "linear", Prediction.EPSILON, false);
    DiffusionChain chain = new DiffusionChain(process, Method.DDIM, 5);
    assertThat(IntStream.range(0, 5).map(chain::timestep).toArray())
        .containsExactly(999, 799, 599, 399, 199);
    assertThat(new DiffusionChain(process, Method.DDIM, 1).timestep(0)).isEqualTo(999);
    for (int length : new int[] {0, 1001}) {
      assertThatThrownBy(() -> new DiffusionChain(process, Method.DDPM, length))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("from 1 to 1000 can be taken, not " + length);
    }
  }

  @Test
  void theProcessSurvivesItsFile(@TempDir Path folder) throws IOException {
    for (NoiseProcess process :
        new NoiseProcess[] {
          new NoiseProcess(1000, "linear", Prediction.EPSILON, false),
          new NoiseProcess(100, "cosine", Prediction.V, true),
          new NoiseProcess(250, "linear", Prediction.V, true)
        }) {
      process.save(folder);
      assertThat(NoiseProcess.load(folder)).isEqualTo(process);
    }
    Path file = folder.resolve(NoiseProcess.FILE);
    String written = Files.readString(file);
    Files.writeString(file, written.replace("\"linear\"", "\"exponential\""));
    refused(folder, "beta_schedule \"exponential\" is not supported");
    Files.delete(file);
    refused(folder, "has no scheduler_config.json");
  }

  private static void refused(Path folder, String message) {
    assertThatThrownBy(() -> NoiseProcess.load(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(message);
  }

  @Test
  void noiseAloneSaysNothingOfTheImage() {
    assertThatThrownBy(() -> new NoiseProcess(1000, "linear", Prediction.EPSILON, true))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("predict v");
  }
}
