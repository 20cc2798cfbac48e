package dev.culebra.objectives.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.Vectors;
import dev.culebra.models.dit.NoiseSchedule;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.models.dit.TimestepEmbedding;
import dev.culebra.runtime.BadInputException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Noise schedules and what hangs on them against guided-diffusion. */
class DiffusionVectorsTest {
  private static final JsonNode VECTORS = Vectors.section("ddpm");
  private static final NoiseSchedule LINEAR = NoiseSchedule.linear(1000);
  private static final int[] STEPS = Vectors.ints(VECTORS.required("t_zero_based"));

  private static void assertClose(double actual, JsonNode expected) {
    double value = expected.doubleValue();
    assertThat(actual).isCloseTo(value, within(1e-12 * Math.max(1e-3, Math.abs(value))));
  }

  private static void assertSchedule(NoiseSchedule schedule, JsonNode expected) {
    for (var entry : expected.properties()) {
      int t = Integer.parseInt(entry.getKey());
      assertClose(schedule.beta(t), entry.getValue().required("beta"));
      assertClose(schedule.alphaBar(t), entry.getValue().required("alpha_bar"));
      assertClose(schedule.posteriorVariance(t), entry.getValue().required("post_var"));
      double snr = entry.getValue().required("snr").doubleValue();
      // 1 - abar cancels where abar is almost 1
      assertThat(schedule.snr(t)).isCloseTo(snr, within(1e-11 * snr / (1 - schedule.alphaBar(t))));
    }
  }

  @Test
  void schedulesAreThoseOfGuidedDiffusion() {
    assertSchedule(LINEAR, VECTORS.required("schedules").required("linear_1000"));
    assertSchedule(
        NoiseSchedule.cosine(1000), VECTORS.required("schedules").required("cosine_1000"));
  }

  private static double[][] matrix(String name) {
    JsonNode rows = VECTORS.required(name);
    return new double[][] {Vectors.doubles(rows.get(0)), Vectors.doubles(rows.get(1))};
  }

  /** The published example: two samples of two pixels, at steps 499 and 0. */
  @Test
  void noisesAndScoresTheExample() {
    double[][] x0 = matrix("x0");
    double[][] eps = matrix("eps");
    double[][] output = matrix("model_output");
    JsonNode expected = VECTORS.required("expected");
    double epsMean = 0;
    double vMean = 0;
    for (int s = 0; s < 2; s++) {
      double epsLoss = 0;
      double x0Loss = 0;
      for (int i = 0; i < 2; i++) {
        double signal = LINEAR.signal(STEPS[s]);
        double noise = LINEAR.noise(STEPS[s]);
        double v = signal * eps[s][i] - noise * x0[s][i];
        double noised = signal * x0[s][i] + noise * eps[s][i];
        assertClose(noised, expected.required("x_t_float64").get(s).get(i));
        assertThat((double) (float) noised)
            .isCloseTo(expected.required("x_t").get(s).get(i).doubleValue(), within(1e-7));
        assertClose(v, expected.required("v_target").get(s).get(i));
        epsLoss += square(output[s][i] - eps[s][i]) / 2;
        x0Loss += square(output[s][i] - x0[s][i]) / 2;
        vMean += square(output[s][i] - v) / 4;
      }
      assertClose(epsLoss, expected.required("eps_mse_per_sample").get(s));
      assertClose(x0Loss, expected.required("x0_mse_per_sample").get(s));
      epsMean += epsLoss / 2;
    }
    assertClose(epsMean, expected.required("eps_mse_mean"));
    assertClose(vMean, expected.required("v_mse_mean"));
  }

  private static double square(double x) {
    return x * x;
  }

  @Test
  void weighsByMinSnr() {
    JsonNode expected = VECTORS.required("expected");
    for (int s = 0; s < 2; s++) {
      assertThat(LINEAR.snr(STEPS[s]))
          .isCloseTo(expected.required("snr").get(s).doubleValue(), within(1e-7));
      assertClose(
          LINEAR.minSnrWeight(STEPS[s], 5, Prediction.EPSILON),
          expected.required("min_snr5_weight_eps").get(s));
      assertClose(
          LINEAR.minSnrWeight(STEPS[s], 5, Prediction.V),
          expected.required("min_snr5_weight_v").get(s));
    }
    NoiseSchedule ended = LINEAR.withZeroTerminalSnr();
    assertThat(ended.minSnrWeight(999, 5, Prediction.EPSILON)).isEqualTo(1);
    assertThat(ended.minSnrWeight(999, 5, Prediction.V)).isZero();
  }

  @Test
  void endsInPureNoiseWhereAsked() {
    JsonNode expected = VECTORS.required("expected");
    NoiseSchedule ended = LINEAR.withZeroTerminalSnr();
    int[] steps = {0, 499, 999};
    for (int i = 0; i < steps.length; i++) {
      assertClose(
          ended.alphaBar(steps[i]),
          expected.required("zero_terminal_snr_alpha_bar_0_499_999").get(i));
    }
    assertClose(ended.beta(999), expected.required("zero_terminal_snr_beta_999"));
    assertThat(ended.snr(999)).isZero();
  }

  /** Stable Diffusion's schedule begins and ends with its betas, whose roots are evenly spaced. */
  @Test
  void spacesRootsEvenly() {
    NoiseSchedule scaled = NoiseSchedule.scaledLinear(5, 0.04, 0.16);
    for (int t = 0; t < 5; t++) {
      assertThat(scaled.beta(t)).isCloseTo(square(0.2 + 0.05 * t), within(1e-15));
    }
  }

  @Test
  void fewerStepsAddAsMuchNoise() {
    NoiseSchedule hundred = NoiseSchedule.linear(100);
    assertThat(hundred.steps()).isEqualTo(100);
    assertThat(hundred.beta(0)).isCloseTo(1e-3, within(1e-15));
    assertThat(Math.log(hundred.alphaBar(99) / LINEAR.alphaBar(999))).isBetween(-1.5, 1.5);
    for (int steps : new int[] {2, 10}) {
      NoiseSchedule few = NoiseSchedule.linear(steps);
      assertThat(few.alphaBar(steps - 1)).isBetween(0.0, 1.0);
      assertThat(few.posteriorVariance(0)).isZero();
    }
    assertThatThrownBy(() -> NoiseSchedule.cosine(1))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("1 steps");
  }

  @Test
  void embedsSteps() {
    float[] embedding = new float[5];
    TimestepEmbedding.embed(3, embedding);
    float[] expected = {
      (float) Math.cos(3), (float) Math.cos(3e-4), (float) Math.sin(3), (float) Math.sin(3e-4), 0
    };
    assertThat(embedding).containsExactly(expected, within(1e-7f));
    assertThatThrownBy(() -> TimestepEmbedding.embed(3, new float[3]))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("width 3");
  }
}
