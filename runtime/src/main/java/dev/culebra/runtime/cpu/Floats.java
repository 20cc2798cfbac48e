package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float vectors over memory segments, and the few functions that neural networks need of them.
 *
 * <p>Every function is a fixed sequence of IEEE operations: interpreted, compiled, in a lane or as
 * a scalar, it gives the same bits. Offsets count elements. Tails of loops use masks.
 */
final class Floats {

  static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() > 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  /** Floats in one vector: 2, 4, 8 or 16. */
  static final int LANES = SPECIES.length();

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  // exp(x) = 2^n p(r), with n = round(x / ln 2), r = x - n ln 2 and p(r) = 1 + r + r^2 q(r), whose
  // relative error on |r| <= ln(2) / 2 is 3e-9 (minimax fit). ln 2 is split so that n * LN2_HIGH
  // is exact.
  private static final float LOG2_E = 1.442695041f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float Q0 = 0.49999994f;
  private static final float Q1 = 0.16666521f;
  private static final float Q2 = 0.041668255f;
  private static final float Q3 = 0.00836867f;
  private static final float Q4 = 0.0013821696f;

  /** Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits. */
  private static final float ROUND = 12582912f;

  /** Below, exp is less than half the smallest positive float. */
  private static final float EXP_ZERO = -104f;

  /** Above, exp is more than the largest float. */
  private static final float EXP_INFINITE = 89f;

  // gelu(x) = x / (1 + exp(x (GELU_1 + GELU_3 x^2))): the tanh form, by 1 + tanh(u) = 2 / (1 +
  // exp(-2u)) with u = sqrt(2 / pi) (x + 0.044715 x^3).
  private static final float GELU_1 = (float) (-2 * Math.sqrt(2 / Math.PI));
  private static final float GELU_3 = (float) (-2 * Math.sqrt(2 / Math.PI) * 0.044715);

  private Floats() {}

  // Memory

  static FloatVector load(MemorySegment x, long i) {
    return FloatVector.fromMemorySegment(SPECIES, x, i << 2, ORDER);
  }

  /** Lanes that are not set read nothing and are 0. */
  static FloatVector load(MemorySegment x, long i, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(SPECIES, x, i << 2, ORDER, mask);
  }

  static void store(FloatVector v, MemorySegment x, long i) {
    v.intoMemorySegment(x, i << 2, ORDER);
  }

  /** Lanes that are not set write nothing. */
  static void store(FloatVector v, MemorySegment x, long i, VectorMask<Float> mask) {
    v.intoMemorySegment(x, i << 2, ORDER, mask);
  }

  static float get(MemorySegment x, long i) {
    return x.get(ValueLayout.JAVA_FLOAT, i << 2);
  }

  static void set(MemorySegment x, long i, float value) {
    x.set(ValueLayout.JAVA_FLOAT, i << 2, value);
  }

  /** The lanes that still lie before {@code end} in a vector that starts at {@code i}. */
  static VectorMask<Float> tail(long i, long end) {
    return SPECIES.indexInRange(i, end);
  }

  static FloatVector broadcast(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }

  static FloatVector zero() {
    return FloatVector.zero(SPECIES);
  }

  // Lanes

  /**
   * The sum of the lanes, added in a fixed order. ({@code reduceLanes(ADD)} leaves the order open:
   * interpreted and compiled code differ.)
   */
  static float sum(FloatVector v) {
    FloatVector s = v;
    if (LANES > 8) {
      s = s.add(s.rearrange(BY_8));
    }
    if (LANES > 4) {
      s = s.add(s.rearrange(BY_4));
    }
    if (LANES > 2) {
      s = s.add(s.rearrange(BY_2));
    }
    return s.add(s.rearrange(BY_1)).lane(0);
  }

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(SPECIES, i -> (i + by) % LANES);
  }

  // Functions

  /**
   * e^x with a relative error of at most 1e-7, gradual underflow, exp(-inf) = 0, exp(inf) = inf and
   * exp(NaN) = NaN.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector rounded = x.fma(broadcast(LOG2_E), broadcast(ROUND));
    FloatVector n = rounded.sub(ROUND);
    FloatVector r = n.fma(broadcast(-LN2_HIGH), x);
    r = n.fma(broadcast(-LN2_LOW), r);
    FloatVector p = r.fma(broadcast(Q4), broadcast(Q3));
    p = p.fma(r, broadcast(Q2));
    p = p.fma(r, broadcast(Q1));
    p = p.fma(r, broadcast(Q0));
    p = p.fma(r, broadcast(1));
    p = p.fma(r, broadcast(1));
    // 2^n in two factors: n reaches from -150 to 128, an exponent only from -126 to 127.
    IntVector bits = rounded.reinterpretAsInts();
    IntVector half = bits.lanewise(VectorOperators.ASHR, 1);
    FloatVector y = p.mul(powerOfTwo(half)).mul(powerOfTwo(bits.sub(half)));
    return y.blend(0, x.lt(EXP_ZERO))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GE, EXP_INFINITE));
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.lanewise(VectorOperators.LSHL, 23).add(127 << 23).reinterpretAsFloats();
  }

  /** {@link #exp(FloatVector)} of one value, with the same bits. */
  static float exp(float x) {
    if (x < EXP_ZERO) {
      return 0;
    }
    if (x >= EXP_INFINITE) {
      return Float.POSITIVE_INFINITY;
    }
    float rounded = Math.fma(x, LOG2_E, ROUND);
    float n = rounded - ROUND;
    float r = Math.fma(n, -LN2_HIGH, x);
    r = Math.fma(n, -LN2_LOW, r);
    float p = Math.fma(r, Q4, Q3);
    p = Math.fma(p, r, Q2);
    p = Math.fma(p, r, Q1);
    p = Math.fma(p, r, Q0);
    p = Math.fma(p, r, 1);
    p = Math.fma(p, r, 1);
    int bits = Float.floatToRawIntBits(rounded);
    int half = bits >> 1;
    return p * powerOfTwo(half) * powerOfTwo(bits - half);
  }

  private static float powerOfTwo(int n) {
    return Float.intBitsToFloat((n << 23) + (127 << 23));
  }

  /** 1 / (1 + e^-x). */
  static FloatVector sigmoid(FloatVector x) {
    return broadcast(1).div(exp(x.neg()).add(1));
  }

  /** x / (1 + e^-x) (Elfwing et al. 2017, arXiv:1702.03118). */
  static FloatVector silu(FloatVector x) {
    return x.div(exp(x.neg()).add(1));
  }

  /** d silu / dx = s (1 + x (1 - s)), given s = {@link #sigmoid} of x. */
  static FloatVector siluSlope(FloatVector x, FloatVector s) {
    return x.fma(broadcast(1).sub(s), broadcast(1)).mul(s);
  }

  /** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016). */
  static FloatVector gelu(FloatVector x) {
    return x.div(exp(geluExponent(x.mul(x), GELU_3).mul(x)).add(1));
  }

  /** d gelu / dx. */
  static FloatVector geluSlope(FloatVector x) {
    FloatVector square = x.mul(x);
    FloatVector s = broadcast(1).div(exp(geluExponent(square, GELU_3).mul(x)).add(1));
    FloatVector ds = s.mul(broadcast(1).sub(s)).mul(x);
    return ds.fma(geluExponent(square, 3 * GELU_3).neg(), s);
  }

  private static FloatVector geluExponent(FloatVector square, float cubic) {
    return square.fma(broadcast(cubic), broadcast(GELU_1));
  }
}
