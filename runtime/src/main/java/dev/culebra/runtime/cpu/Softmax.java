package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The passes over a row that a softmax is made of. Offsets count elements. */
final class Softmax {

  private static final int LANES = Floats.LANES;

  private Softmax() {}

  /** The first element of the vector that holds element {@code i} of a row. */
  static long lanesFrom(long i) {
    return i & -LANES;
  }

  /** The end of the vector that holds the element before {@code i} of a row. */
  static long lanesTo(long i) {
    return i + LANES - 1 & -LANES;
  }

  /**
   * Scores that are not seen become -infinity, and so 0 as exponentials: a row that ends with a
   * whole vector needs no masks, which C2 would keep on the heap.
   */
  static void hide(MemorySegment x, long from, long to) {
    for (long i = from; i < to; i++) {
      Floats.set(x, i, Float.NEGATIVE_INFINITY);
    }
  }

  /** The largest element; NaN is passed over, and shows when exponentials are taken. */
  static float max(MemorySegment x, long from, long to) {
    FloatVector a = Floats.broadcast(Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    long i = from;
    for (; i <= to - 2L * LANES; i += 2L * LANES) {
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
    FloatVector maxima = Floats.broadcast(max);
    long i = from;
    for (; i <= to - LANES; i += LANES) {
      sum = sum.add(Floats.expBelow88(Floats.load(x, i).sub(maxima)));
    }
    if (i < to) {
      VectorMask<Float> mask = Floats.tail(i, to);
      sum = sum.add(Floats.expBelow88(Floats.load(x, i, mask).sub(maxima)), mask);
    }
    return Floats.sum(sum);
  }

  /** x = exp(x - max); returns the sum. */
  static float exponentials(MemorySegment x, long from, long to, float max) {
    // One vector at a time: with two stores per turn, JDK 25 compiles this to code 6 times as slow.
    FloatVector sum = Floats.zero();
    FloatVector maxima = Floats.broadcast(max);
    long i = from;
    for (; i <= to - LANES; i += LANES) {
      FloatVector e = Floats.expBelow88(Floats.load(x, i).sub(maxima));
      Floats.store(e, x, i);
      sum = sum.add(e);
    }
    return Floats.sum(sum) + (i < to ? lastExponentials(x, i, to, max) : 0);
  }

  /** The end of a row, on its own: together with the loop, it would exceed what C2 inlines. */
  private static float lastExponentials(MemorySegment x, long i, long to, float max) {
    VectorMask<Float> mask = Floats.tail(i, to);
    FloatVector shifted = Floats.load(x, i, mask).sub(Floats.broadcast(max));
    FloatVector e = Floats.expBelow88(shifted);
    Floats.store(e, x, i, mask);
    return Floats.sum(Floats.zero().blend(e, mask));
  }
}
