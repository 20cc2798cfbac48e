package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Fixture.LENGTHS;
import static dev.culebra.runtime.cpu.Fixture.assertClose;
import static dev.culebra.runtime.cpu.Fixture.assertSame;
import static dev.culebra.runtime.cpu.Fixture.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.StepValues;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CpuOptimizersTest {

  /** A dozen roundings of 6e-8 of values of size 1. */
  private static final double TOLERANCE = 1e-6;

  private static final AdamW ADAM = new AdamW(0.9f, 0.95f, 1e-8f, 0.1f);
  private static final float RATE = 0.01f;

  private final Fixture memory = new Fixture();
  private final CpuPool pool = new CpuPool(2);
  private final CpuOptimizers operations = new CpuOptimizers(pool);

  @AfterEach
  void close() {
    pool.close();
    memory.close();
  }

  private Buffer stepValues(float gradientScale) {
    Buffer values = memory.floats(StepValues.COUNT);
    Fixture.set(values, StepValues.LEARNING_RATE, RATE);
    Fixture.set(values, StepValues.BIAS_CORRECTION_1, 0.19f);
    Fixture.set(values, StepValues.BIAS_CORRECTION_2, 0.0975f);
    Fixture.set(values, StepValues.GRADIENT_SCALE, gradientScale);
    return values;
  }

  @Test
  void globalNormClips() {
    for (int n : LENGTHS) {
      Buffer gradient = memory.normal(n);
      double norm = norm(gradient);
      for (float maxNorm : new float[] {0.1f, 1e3f, Float.POSITIVE_INFINITY}) {
        Buffer values = stepValues(7);
        operations.globalNorm(values, gradient, maxNorm);
        assertThat(Fixture.get(values, StepValues.GRADIENT_NORM)).isEqualTo((float) norm);
        assertThat((double) Fixture.get(values, StepValues.GRADIENT_SCALE))
            .isCloseTo(Math.min(1, maxNorm / (norm + 1e-6)), within(1e-6));
      }
    }
  }

  @Test
  void globalNormOfHugeZeroAndBrokenGradients() {
    Buffer values = stepValues(7);
    operations.globalNorm(values, memory.of(3e30f, -4e30f), 1);
    assertThat(Fixture.get(values, StepValues.GRADIENT_NORM)).isEqualTo(5e30f);
    operations.globalNorm(values, memory.floats(3), 1);
    assertThat(Fixture.get(values, StepValues.GRADIENT_NORM)).isZero();
    assertThat(Fixture.get(values, StepValues.GRADIENT_SCALE)).isEqualTo(1);
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      operations.globalNorm(values, memory.of(1, bad, 1), 1);
      assertThat(Fixture.get(values, StepValues.GRADIENT_NORM)).isNotEqualTo(0).isNotFinite();
      assertThat(Fixture.get(values, StepValues.GRADIENT_SCALE)).isNaN();
    }
    operations.globalNorm(values, memory.of(Float.MAX_VALUE, Float.MAX_VALUE), 1);
    assertThat(Fixture.get(values, StepValues.GRADIENT_SCALE)).isNaN();
  }

  @Test
  void adamWFollowsItsFormula() {
    for (int n : LENGTHS) {
      int decayed = memory.below(n + 1);
      Buffer weights = memory.normal(n);
      Buffer gradient = memory.normal(n);
      Buffer m = memory.normal(n);
      Buffer v = memory.normal(n, 5, 1);
      double scale = 0.5;
      double[] w = doubles(weights);
      double[] first = doubles(m);
      double[] second = doubles(v);
      for (int i = 0; i < n; i++) {
        double g = scale * Fixture.get(gradient, i);
        first[i] = ADAM.beta1() * first[i] + (1 - ADAM.beta1()) * g;
        second[i] = ADAM.beta2() * second[i] + (1 - ADAM.beta2()) * g * g;
        w[i] -= i < decayed ? RATE * ADAM.weightDecay() * w[i] : 0;
        w[i] -= RATE * (first[i] / 0.19f) / (Math.sqrt(second[i] / 0.0975f) + ADAM.epsilon());
      }
      operations.adamW(ADAM, weights, null, gradient, m, v, decayed, stepValues((float) scale));
      assertClose(m, first, TOLERANCE, "m of " + n);
      assertClose(v, second, TOLERANCE, "v of " + n);
      assertClose(weights, w, TOLERANCE, "weights of " + n);
    }
  }

  @Test
  void muonFollowsItsFormulas() {
    float beta = 0.95f;
    for (int n : LENGTHS) {
      Buffer gradient = memory.normal(n);
      Buffer m = memory.normal(n);
      Buffer update = memory.floats(n);
      Buffer weights = memory.normal(n);
      double[] momentum = doubles(m);
      double[] direction = new double[n];
      double[] w = doubles(weights);
      for (int i = 0; i < n; i++) {
        double g = 0.5 * Fixture.get(gradient, i);
        momentum[i] = beta * momentum[i] + (1 - beta) * g;
        direction[i] = (1 - beta) * g + beta * momentum[i];
      }
      operations.muonMomentum(update, m, gradient, beta, stepValues(0.5f));
      assertClose(m, momentum, TOLERANCE, "momentum of " + n);
      assertClose(update, direction, TOLERANCE, "update of " + n);
      for (int i = 0; i < n; i++) {
        w[i] = w[i] * (1 - RATE * 0.1) - RATE * 0.2 * direction[i];
      }
      operations.muonUpdate(weights, null, update, 0.2f, 0.1f, stepValues(0.5f));
      assertClose(weights, w, TOLERANCE, "weights of " + n);
    }
  }

  @Test
  void normalizeGivesLengthOne() {
    for (int n : LENGTHS) {
      Buffer x = memory.normal(n, 0, 100);
      double norm = norm(x);
      double[] expected = doubles(x);
      for (int i = 0; i < n; i++) {
        expected[i] /= norm + 1e-7;
      }
      Buffer y = memory.floats(n);
      operations.normalize(y, x);
      assertClose(y, expected, TOLERANCE, "normalize of " + n);
      operations.normalize(x, x);
      assertSame(x, y, "normalize in place of " + n);
    }
    Buffer zero = memory.floats(3);
    operations.normalize(zero, zero);
    assertThat(doubles(zero)).containsOnly(0);
  }

  @Test
  void nothingChangesWhenTheScaleIsNaN() {
    Buffer values = stepValues(Float.NaN);
    Buffer gradient = memory.of(Float.NaN, 1);
    Buffer[] state = {memory.of(1, 2), memory.of(3, 4), memory.of(5, 6)};
    Buffer[] before = {memory.copy(state[0]), memory.copy(state[1]), memory.copy(state[2])};
    operations.adamW(ADAM, state[0], null, gradient, state[1], state[2], 2, values);
    operations.muonMomentum(state[0], state[1], gradient, 0.9f, values);
    operations.muonUpdate(state[2], null, gradient, 1, 1, values);
    for (int i = 0; i < state.length; i++) {
      assertSame(state[i], before[i], "state " + i);
    }
  }

  @Test
  void resultsDoNotDependOnTheNumberOfThreads() {
    int n = 100_003;
    Buffer weights = memory.normal(n);
    Buffer gradient = memory.normal(n);
    Buffer[] first = step(pool, weights, gradient);
    Fixture.onPools(
        other -> {
          Buffer[] again = step(other, weights, gradient);
          for (int i = 0; i < first.length; i++) {
            assertSame(again[i], first[i], "result " + i + ", " + other.threads() + " threads");
          }
        });
  }

  private Buffer[] step(CpuPool on, Buffer weights, Buffer gradient) {
    CpuOptimizers cpu = new CpuOptimizers(on);
    Buffer values = stepValues(1);
    Buffer w = memory.copy(weights);
    Buffer m = memory.floats(w.length());
    Buffer v = memory.floats(w.length());
    Buffer update = memory.floats(w.length());
    cpu.globalNorm(values, gradient, 1);
    cpu.adamW(ADAM, w, null, gradient, m, v, 70_001, values);
    cpu.muonMomentum(update, m, gradient, 0.9f, values);
    cpu.normalize(update, update);
    cpu.muonUpdate(w, null, update, 0.2f, 0.1f, values);
    return new Buffer[] {values, w, m, v, update};
  }

  @Test
  void wrongArgumentsNameTheOperation() {
    Buffer x = memory.floats(4);
    Buffer values = stepValues(1);
    assertThatThrownBy(() -> operations.globalNorm(values, x, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("globalNorm: maxNorm must be positive, not 0.0");
    assertThatThrownBy(() -> operations.adamW(ADAM, x, null, x, x, x, 5, values))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("adamW: decayed must be in 0..4, not 5");
    assertThatThrownBy(() -> operations.adamW(ADAM, x, x, x, x, x, 0, values))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("adamW: this device computes in F32");
    assertThatThrownBy(() -> operations.muonMomentum(x, x, memory.floats(3), 0.9f, values))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("muonMomentum: gradient must have 4 elements");
    assertThatThrownBy(() -> operations.muonUpdate(x, null, x, 1, 0, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "muonUpdate: stepValues must have " + StepValues.COUNT + " elements");
  }

  private static double norm(Buffer x) {
    double sum = 0;
    for (double value : doubles(x)) {
      sum += value * value;
    }
    return Math.sqrt(sum);
  }
}
