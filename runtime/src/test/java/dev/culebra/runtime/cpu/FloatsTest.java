package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.junit.jupiter.api.Test;

final class FloatsTest {

  /** One rounding is 6e-8; the rest comes from the reduced argument and the polynomial. */
  private static final double EXP_TOLERANCE = 1e-7;

  @Test
  void expIsAccurateWhereItsResultIsNormal() {
    double worst = 0;
    for (float x = -86.9f; x < 88.72f; x += 1e-4f) {
      worst = Math.max(worst, Math.abs(Floats.exp(x) / Math.exp(x) - 1));
    }
    assertThat(worst).isLessThan(EXP_TOLERANCE);
  }

  @Test
  void expIsZeroWhereItsResultIsHardlyNormal() {
    for (float x = -110; x < -86.9f; x += 1e-3f) {
      assertThat(Floats.exp(x)).as("exp(%s)", x).isZero();
    }
    assertThat(Math.exp(-86.9f)).isLessThan(2 * Float.MIN_NORMAL);
  }

  @Test
  void expOfSpecialValues() {
    assertThat(Floats.exp(0f)).isEqualTo(1f);
    assertThat(Floats.exp(-0f)).isEqualTo(1f);
    assertThat(Floats.exp(Float.NEGATIVE_INFINITY)).isZero();
    assertThat(Floats.exp(-Float.MAX_VALUE)).isZero();
    assertThat(Floats.exp(Float.POSITIVE_INFINITY)).isInfinite();
    assertThat(Floats.exp(Float.MAX_VALUE)).isInfinite();
    assertThat(Floats.exp(88.73f)).isInfinite();
    assertThat(Floats.exp(88.72f)).isFinite();
    assertThat(Floats.exp(Float.NaN)).isNaN();
  }

  @Test
  void lanesAndScalarsOfExpAgreeBitForBit() {
    float[] x = new float[Floats.LANES];
    float[] specials = {
      Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, -86.9f, 89, 88.72f, -0f, 1e30f
    };
    for (float start = -110; start < 95; start += 0.01f) {
      for (int i = 0; i < x.length; i++) {
        x[i] = i == 1 ? specials[Math.floorMod((long) (start * 100), 8)] : start + i * 0.37f;
      }
      FloatVector y = Floats.exp(FloatVector.fromArray(Floats.SPECIES, x, 0));
      for (int i = 0; i < x.length; i++) {
        assertThat(Float.floatToIntBits(y.lane(i)))
            .as("exp(%s)", x[i])
            .isEqualTo(Float.floatToIntBits(Floats.exp(x[i])));
      }
    }
  }

  @Test
  void activationsFollowTheirFormulas() {
    for (float x = -12; x < 12; x += 0.01f) {
      FloatVector v = Floats.broadcast(x);
      double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
      double du = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
      double tanh = Math.tanh(u);
      double s = 1 / (1 + Math.exp(-x));
      close(Floats.gelu(v), x / 2 * (1 + tanh), "gelu", x);
      close(Floats.geluSlope(v), (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * du, "gelu'", x);
      close(Floats.sigmoid(v), s, "sigmoid", x);
      close(Floats.silu(v), x * s, "silu", x);
      close(Floats.siluSlope(v, Floats.sigmoid(v)), s * (1 + x * (1 - s)), "silu'", x);
    }
  }

  /** Some roundings of 6e-8, magnified up to 20 times by gelu's inner derivative. */
  private static void close(FloatVector actual, double expected, String what, float x) {
    assertThat(Math.abs(actual.lane(0) - expected))
        .as("%s(%s)", what, x)
        .isLessThan(2e-6 * (1 + Math.abs(expected)));
  }

  @Test
  void activationsHaveTheirLimits() {
    assertThat(Floats.gelu(Floats.broadcast(1e15f)).lane(0)).isEqualTo(1e15f);
    assertThat(Floats.gelu(Floats.broadcast(-1e15f)).lane(0)).isZero();
    assertThat(Floats.geluSlope(Floats.broadcast(1e15f)).lane(0)).isEqualTo(1f);
    assertThat(Floats.geluSlope(Floats.broadcast(-1e15f)).lane(0)).isZero();
    assertThat(Floats.silu(Floats.broadcast(-1e15f)).lane(0)).isZero();
    assertThat(Floats.gelu(Floats.broadcast(Float.NaN)).lane(0)).isNaN();
    assertThat(Floats.silu(Floats.broadcast(Float.NaN)).lane(0)).isNaN();
  }

  @Test
  void accessOutsideASegmentIsAnAssertionError() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment x = arena.allocate(Floats.LANES * 4L);
      assertThat(Floats.load(x, 0).lane(0)).isZero();
      assertThatThrownBy(() -> Floats.load(x, 1)).isInstanceOf(AssertionError.class);
      assertThatThrownBy(() -> Floats.load(x, -1)).isInstanceOf(AssertionError.class);
      assertThatThrownBy(() -> Floats.store(Floats.zero(), x, 1))
          .isInstanceOf(AssertionError.class);
      VectorMask<Float> two = Floats.tail(0, 2);
      assertThat(Floats.load(x, Floats.LANES - 2, two).lane(1)).isZero();
      assertThatThrownBy(() -> Floats.load(x, Floats.LANES - 1, two))
          .isInstanceOf(AssertionError.class);
      assertThatThrownBy(() -> Floats.store(Floats.zero(), x, Floats.LANES - 1, two))
          .isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void sumIsTheSameInterpretedAndCompiled() {
    FloatVector v = FloatVector.zero(Floats.SPECIES);
    for (int i = 0; i < Floats.LANES; i++) {
      v = v.withLane(i, (float) Math.exp(i) * (i % 2 == 0 ? 1 : -1) / 3);
    }
    float first = Floats.sum(v);
    for (int i = 0; i < 50_000; i++) {
      assertThat(Floats.sum(v) == first).isTrue();
    }
    assertThat(Floats.sum(FloatVector.broadcast(Floats.SPECIES, 1))).isEqualTo(Floats.LANES);
  }
}
