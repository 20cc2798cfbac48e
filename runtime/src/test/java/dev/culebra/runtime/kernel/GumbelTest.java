package dev.culebra.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The noise: its logarithm, and that the largest noisy logit is a draw from the softmax. */
final class GumbelTest {

  @Test
  void theLogarithmIsClose() {
    for (int i = 1; i < 1 << 23; i += 97) {
      float x = (i - 0.5f) * 0x1p-23f;
      double log = Math.log(x);
      assertThat((double) Gumbel.log(x)).isCloseTo(log, within(1e-6 * Math.max(1e-2, -log)));
    }
    assertThat((double) Gumbel.log(1e-7f)).isCloseTo(Math.log(1e-7f), within(2e-6 * 16));
    assertThat((double) Gumbel.log(16.6f)).isCloseTo(Math.log(16.6f), within(3e-6));
  }

  /** Chi-square with 3 degrees of freedom is above 21.1 once in ten thousand draws of a seed. */
  @Test
  void drawsFollowTheSoftmax() {
    float[] logits = {0, 1, 2, -1};
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    int[] counts = new int[logits.length];
    int draws = 40_000;
    for (int row = 0; row < draws; row++) {
      int best = 0;
      for (int j = 1; j < logits.length; j++) {
        best = noisy(logits, row, j) > noisy(logits, row, best) ? j : best;
      }
      counts[best]++;
    }
    double chi = 0;
    for (int j = 0; j < logits.length; j++) {
      double expected = draws * Math.exp(logits[j]) / sum;
      chi += (counts[j] - expected) * (counts[j] - expected) / expected;
    }
    assertThat(chi).isLessThan(21.1);
  }

  private static float noisy(float[] logits, int row, int j) {
    return logits[j] + Gumbel.of(12345, 3, row, j);
  }
}
