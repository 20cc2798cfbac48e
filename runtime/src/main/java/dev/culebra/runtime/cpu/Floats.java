package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
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
      VectorSpecies.of(
          float.class,
          VectorShape.forBitSize(
              Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512)));

  /** Floats in one vector: 4, 8 or 16. */
  static final int LANES = SPECIES.length();

  /**
   * All of memory. Loops reach a segment's elements through it, by address: what the compiler knows
   * of this one segment makes the checks of life, kind and bounds vanish, which otherwise stay in
   * the loop as soon as a program also uses heap segments (7 times slower). The checks are made
   * once, when an operation takes the memory of its buffers, and as assertions at every access.
   */
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  // Constants are kept as vectors: a broadcast costs the compiler so many nodes that it would stop
  // inlining in the middle of a loop, and vectors would be allocated.
  private static final FloatVector ONE = broadcast(1);

  // exp(x) = 2^(n-1) p(r), with n = round(x / ln 2), r = x - n ln 2 and p(r) = 2 + 2r + r^2 q(r),
  // whose relative error on |r| <= ln(2) / 2 is 3e-9 (minimax fit). With the factor 2 in p, n may
  // be 128. ln 2 is split so that the product of n and its upper part is exact.
  private static final float LOG2_E = 1.442695041f;
  private static final float MINUS_LN2_HIGH = -0.693359375f;
  private static final float MINUS_LN2_LOW = 2.12194440e-4f;
  private static final float Q0 = 2 * 0.49999994f;
  private static final float Q1 = 2 * 0.16666521f;
  private static final float Q2 = 2 * 0.041668255f;
  private static final float Q3 = 2 * 0.00836867f;
  private static final float Q4 = 2 * 0.0013821696f;

  /** Adding 1.5 * 2^23 rounds to an integer, which then stands in the low bits. */
  private static final float ROUND = 12582912f;

  /** Below, exp gives 0: just above the first denormal results, which are slow. */
  private static final float EXP_MIN = -86.9f;

  /** Above, exp gives infinity. */
  private static final float EXP_MAX = 89f;

  private static final int EXP_BIAS = 126 << 23;

  private static final FloatVector LOG2_ES = broadcast(LOG2_E);
  private static final FloatVector MINUS_LN2_HIGHS = broadcast(MINUS_LN2_HIGH);
  private static final FloatVector MINUS_LN2_LOWS = broadcast(MINUS_LN2_LOW);
  private static final FloatVector TWO = broadcast(2);
  private static final FloatVector Q0S = broadcast(Q0);
  private static final FloatVector Q1S = broadcast(Q1);
  private static final FloatVector Q2S = broadcast(Q2);
  private static final FloatVector Q3S = broadcast(Q3);
  private static final FloatVector Q4S = broadcast(Q4);
  private static final FloatVector ROUNDS = broadcast(ROUND);
  private static final FloatVector EXP_MINS = broadcast(EXP_MIN);
  private static final FloatVector EXP_MAXS = broadcast(EXP_MAX);
  private static final FloatVector ZERO = broadcast(0);
  private static final IntVector EXP_BIASES =
      IntVector.broadcast(VectorSpecies.of(int.class, SPECIES.vectorShape()), EXP_BIAS);

  // gelu(x) = x / (1 + exp(x (GELU_1 + GELU_3 x^2))): the tanh form, by 1 + tanh(u) = 2 / (1 +
  // exp(-2u)) with u = sqrt(2 / pi) (x + 0.044715 x^3).
  private static final FloatVector GELU_1 = broadcast((float) (-2 * Math.sqrt(2 / Math.PI)));
  private static final FloatVector GELU_3 = GELU_1.mul(0.044715f);
  private static final FloatVector SLOPE_1 = GELU_1.neg();
  private static final FloatVector SLOPE_3 = GELU_3.mul(-3);

  private Floats() {}

  // Memory

  static FloatVector load(MemorySegment x, long i) {
    assert inside(x, i, LANES);
    return FloatVector.fromMemorySegment(SPECIES, MEMORY, x.address() + (i << 2), ORDER);
  }

  /** A vector of another, smaller size. */
  static FloatVector load(VectorSpecies<Float> species, MemorySegment x, long i) {
    assert inside(x, i, species.length());
    return FloatVector.fromMemorySegment(species, MEMORY, x.address() + (i << 2), ORDER);
  }

  /** Lanes that are not set read nothing and are 0. */
  static FloatVector load(MemorySegment x, long i, VectorMask<Float> mask) {
    assert inside(x, i, mask.trueCount());
    return FloatVector.fromMemorySegment(SPECIES, MEMORY, x.address() + (i << 2), ORDER, mask);
  }

  static void store(FloatVector v, MemorySegment x, long i) {
    assert inside(x, i, LANES);
    v.intoMemorySegment(MEMORY, x.address() + (i << 2), ORDER);
  }

  /** Lanes that are not set write nothing. */
  static void store(FloatVector v, MemorySegment x, long i, VectorMask<Float> mask) {
    assert inside(x, i, mask.trueCount());
    v.intoMemorySegment(MEMORY, x.address() + (i << 2), ORDER, mask);
  }

  private static boolean inside(MemorySegment x, long i, long count) {
    return count == 0 || x.isNative() && i >= 0 && i + count << 2 <= x.byteSize();
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
    s = s.add(s.rearrange(BY_2));
    return s.add(s.rearrange(BY_1)).lane(0);
  }

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(SPECIES, i -> (i + by) % LANES);
  }

  // Functions

  /**
   * e^x with a relative error of at most 1e-7. Results under 1.9e-38, where denormal numbers begin,
   * are 0; exp(-inf) = 0, exp(inf) = inf, exp(NaN) = NaN.
   */
  static FloatVector exp(FloatVector x) {
    VectorMask<Float> small = x.compare(VectorOperators.LT, EXP_MINS);
    VectorMask<Float> large = x.compare(VectorOperators.GT, EXP_MAXS);
    FloatVector inside = x.blend(EXP_MINS, small).blend(EXP_MAXS, large);
    FloatVector rounded = inside.fma(LOG2_ES, ROUNDS);
    FloatVector n = rounded.sub(ROUNDS);
    FloatVector r = n.fma(MINUS_LN2_LOWS, n.fma(MINUS_LN2_HIGHS, inside));
    FloatVector p = r.fma(Q4S, Q3S);
    p = p.fma(r, Q2S);
    p = p.fma(r, Q1S);
    p = p.fma(r, Q0S);
    p = p.fma(r, TWO);
    p = p.fma(r, TWO);
    IntVector exponent = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return p.mul(exponent.add(EXP_BIASES).reinterpretAsFloats()).blend(ZERO, small);
  }

  /** {@link #exp(FloatVector)} of one value, with the same bits. */
  static float exp(float x) {
    if (x < EXP_MIN) {
      return 0;
    }
    float inside = x > EXP_MAX ? EXP_MAX : x;
    float rounded = Math.fma(inside, LOG2_E, ROUND);
    float n = rounded - ROUND;
    float r = Math.fma(n, MINUS_LN2_LOW, Math.fma(n, MINUS_LN2_HIGH, inside));
    float p = Math.fma(r, Q4, Q3);
    p = Math.fma(p, r, Q2);
    p = Math.fma(p, r, Q1);
    p = Math.fma(p, r, Q0);
    p = Math.fma(p, r, 2);
    p = Math.fma(p, r, 2);
    int exponent = Float.floatToRawIntBits(rounded) << 23;
    return p * Float.intBitsToFloat(exponent + EXP_BIAS);
  }

  /** 1 / (1 + e^-x). */
  static FloatVector sigmoid(FloatVector x) {
    return ONE.div(exp(x.neg()).add(ONE));
  }

  /** x / (1 + e^-x) (Elfwing et al. 2017, arXiv:1702.03118). */
  static FloatVector silu(FloatVector x) {
    return x.div(exp(x.neg()).add(ONE));
  }

  /** d silu / dx = s (1 + x (1 - s)), given s = {@link #sigmoid} of x. */
  static FloatVector siluSlope(FloatVector x, FloatVector s) {
    return x.fma(ONE.sub(s), ONE).mul(s);
  }

  /** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016). */
  static FloatVector gelu(FloatVector x) {
    return x.div(exp(x.mul(x).fma(GELU_3, GELU_1).mul(x)).add(ONE));
  }

  /** d gelu / dx. */
  static FloatVector geluSlope(FloatVector x) {
    FloatVector square = x.mul(x);
    FloatVector s = ONE.div(exp(square.fma(GELU_3, GELU_1).mul(x)).add(ONE));
    FloatVector ds = s.mul(ONE.sub(s)).mul(x);
    return ds.fma(square.fma(SLOPE_3, SLOPE_1), s);
  }
}
