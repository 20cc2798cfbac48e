package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The passes over a row that a softmax is made of. Offsets count elements. */
final class Softmax {

  private static final int LANES = Floats.LANES;

  // exp(x) = 2^n (1 + r + r^2 q(r)), with the constants of Floats.exp.
  private static final float LOG2_E = 1.442695f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float Q0 = 0.49999994f;
  private static final float Q1 = 0.16666521f;
  private static final float Q2 = 0.041668255f;
  private static final float Q3 = 0.00836867f;
  private static final float Q4 = 0.0013821696f;
  private static final float ROUND = 12582912f;

  /** The logarithm of the smallest normal float, 2^-126. */
  private static final float SMALLEST = -87.33654f;

  private Softmax() {}

  /**
   * exp(x) for x less than 88. Results that are not normal floats become 0; exp(NaN) = NaN. Half
   * the work of {@link Floats#exp}, with the same error.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector rounded = x.fma(Floats.broadcast(LOG2_E), Floats.broadcast(ROUND));
    FloatVector n = rounded.sub(ROUND);
    FloatVector r = n.fma(Floats.broadcast(-LN2_HIGH), x);
    r = n.fma(Floats.broadcast(-LN2_LOW), r);
    FloatVector p = r.fma(Floats.broadcast(Q4), Floats.broadcast(Q3));
    p = p.fma(r, Floats.broadcast(Q2));
    p = p.fma(r, Floats.broadcast(Q1));
    p = p.fma(r, Floats.broadcast(Q0));
    p = p.fma(r, Floats.broadcast(1));
    p = p.fma(r, Floats.broadcast(1));
    IntVector power = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return p.mul(power.add(127 << 23).reinterpretAsFloats()).blend(0, x.lt(SMALLEST));
  }

  /** The largest element; NaN is passed over, and shows when exponentials are taken. */
  static float max(MemorySegment x, long from, long to) {
    FloatVector a = Floats.broadcast(Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    long i = from;
    for (; i <= to - 2 * LANES; i += 2 * LANES) {
      FloatVector u = Floats.load(x, i);
      FloatVector v = Floats.load(x, i + LANES);
      a = a.blend(u, a.lt(u));
      b = b.blend(v, b.lt(v));
    }
    a = a.blend(b, a.lt(b));
    for (; i < to; i += LANES) {
      VectorMask<Float> mask = Floats.tail(i, to);
      FloatVector u = Floats.load(x, i, mask);
      a = a.blend(u, a.lt(u).and(mask));
    }
    return a.reduceLanes(VectorOperators.MAX);
  }

  /** The sum of exp(x - max). */
  static float sumOfExp(MemorySegment x, long from, long to, float max) {
    FloatVector sum = Floats.zero();
    long i = from;
    for (; i <= to - LANES; i += LANES) {
      sum = sum.add(exp(Floats.load(x, i).sub(max)));
    }
    if (i < to) {
      VectorMask<Float> mask = Floats.tail(i, to);
      sum = sum.add(exp(Floats.load(x, i, mask).sub(max)), mask);
    }
    return Floats.sum(sum);
  }

  /** x = exp(x - max); returns the sum. */
  static float exponentials(MemorySegment x, long from, long to, float max) {
    // One exp per loop: JDK 25 stops inlining in a method that has grown too many nodes, and then
    // every vector that crosses a call is allocated, which takes 6 times as long.
    FloatVector sum = Floats.zero();
    long i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector e = exp(Floats.load(x, i).sub(max));
      Floats.store(e, x, i);
      sum = sum.add(e);
    }
    if (i < to) {
      VectorMask<Float> mask = Floats.tail(i, to);
      FloatVector e = exp(Floats.load(x, i, mask).sub(max));
      Floats.store(e, x, i, mask);
      sum = sum.add(e, mask);
    }
    return Floats.sum(sum);
  }
}
