package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class CurvesTest {

  /** Of erf; gelu's own roundings are relative to its value. */
  private static final double TOLERANCE = 2e-7;

  @Test
  void geluFollowsTheErrorFunction() {
    for (float x = -12; x < 12; x += 1e-3f) {
      double phi = phi(x);
      double density = Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
      close(ActivationMath.gelu(Floats.broadcast(x)).lane(0), x * phi, "gelu", x);
      close(ActivationMath.geluSlope(Floats.broadcast(x)).lane(0), phi + x * density, "gelu'", x);
    }
  }

  @Test
  void tanhIsRelativelyExactAtZero() {
    for (float x = 1e-20f; x < 20; x *= 1.01f) {
      double expected = Math.tanh(x);
      assertThat(ActivationMath.tanh(Floats.broadcast(x)).lane(0) / expected - 1)
          .as("tanh(%s)", x)
          .isBetween(-3e-7, 3e-7);
      assertThat(ActivationMath.tanh(Floats.broadcast(-x)).lane(0))
          .as("tanh(-%s)", x)
          .isCloseTo((float) -expected, Offset.offset(3e-7f));
    }
  }

  @Test
  void curvesHaveTheirLimits() {
    assertThat(ActivationMath.gelu(Floats.broadcast(1e15f)).lane(0)).isEqualTo(1e15f);
    assertThat(ActivationMath.gelu(Floats.broadcast(-1e15f)).lane(0)).isZero();
    assertThat(ActivationMath.geluSlope(Floats.broadcast(-1e15f)).lane(0)).isZero();
    assertThat(ActivationMath.geluSlope(Floats.broadcast(1e15f)).lane(0)).isEqualTo(1f);
    assertThat(ActivationMath.geluSlope(Floats.broadcast(0)).lane(0)).isEqualTo(0.5f);
    assertThat(ActivationMath.tanh(Floats.broadcast(100)).lane(0)).isEqualTo(1f);
    assertThat(ActivationMath.tanh(Floats.broadcast(-100)).lane(0)).isEqualTo(-1f);
    assertThat(ActivationMath.reluSlope(Floats.broadcast(0)).lane(0)).isZero();
  }

  private static void close(float actual, double expected, String what, float x) {
    assertThat(Math.abs(actual - expected))
        .as("%s(%s)", what, x)
        .isLessThan(TOLERANCE * (1 + Math.abs(expected)));
  }

  /** The normal distribution, by the series of its error function. */
  private static double phi(double x) {
    if (Math.abs(x) > 8) {
      return x > 0 ? 1 : 0;
    }
    double term = x;
    double sum = x;
    for (int k = 1; Math.abs(term) > 1e-18; k++) {
      term *= x * x / (2 * k + 1);
      sum += term;
    }
    return 0.5 + Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI) * sum;
  }
}
