package dev.culebra.runtime.cpu;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The passes over a row that a softmax is made of. Offsets count elements. */
final class Softmax {

  private static final int LANES = Floats.LANES;

  private Softmax() {}

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
    // One exp per loop: JDK 25 stops inlining in a method that has grown too many nodes, and then
    // every vector that crosses a call is allocated, which takes 6 times as long.
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
