package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Sums over whole buffers: in double, over fixed blocks whose results are added in their order. */
final class CpuReductions {

  private static final long BLOCK = 1 << 15;

  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, Floats.SPECIES.vectorShape());

  /** As many floats as there are doubles in a vector. */
  private static final VectorSpecies<Float> HALF =
      VectorSpecies.of(float.class, VectorShape.forBitSize(Floats.SPECIES.vectorBitSize() / 2));

  private static final int STEP = DOUBLES.length();

  private final CpuPool pool;

  CpuReductions(CpuPool pool) {
    this.pool = pool;
  }

  void addSum(Buffer result, Buffer x, Buffer scale) {
    MemorySegment target = Contract.f32("addSum", "result", result, 1);
    MemorySegment source = Contract.f32("addSum", "x", x);
    double factor = scale == null ? 1 : Floats.get(Contract.f32("addSum", "scale", scale, 1), 0);
    double sum = total(x.length(), (at, count) -> sum(source, at, count));
    Floats.set(target, 0, (float) (Floats.get(target, 0) + factor * sum));
  }

  void countNonFinite(Buffer count, Buffer x) {
    MemorySegment target = Contract.f32("countNonFinite", "count", count, 1);
    MemorySegment source = Contract.f32("countNonFinite", "x", x);
    double found = total(x.length(), (at, size) -> nonFinite(source, at, size));
    Floats.set(target, 0, (float) (Floats.get(target, 0) + found));
  }

  /** The l2 norm of {@code length} floats. */
  double norm(MemorySegment x, long length) {
    return Math.sqrt(total(length, (at, count) -> squares(x, at, count)));
  }

  private interface Block {
    double of(long at, int count);
  }

  private double total(long length, Block block) {
    long blocks = Math.ceilDiv(length, BLOCK);
    MemorySegment partials = pool.scratch(0, blocks * Double.BYTES);
    pool.rows(
        length,
        BLOCK,
        (from, to, thread) ->
            partials.setAtIndex(
                ValueLayout.JAVA_DOUBLE, from / BLOCK, block.of(from, Math.toIntExact(to - from))));
    double total = 0;
    for (long i = 0; i < blocks; i++) {
      total += partials.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
    }
    return total;
  }

  // Inner loops

  private static double sum(MemorySegment x, long at, int count) {
    DoubleVector s0 = DoubleVector.zero(DOUBLES);
    DoubleVector s1 = DoubleVector.zero(DOUBLES);
    DoubleVector s2 = DoubleVector.zero(DOUBLES);
    DoubleVector s3 = DoubleVector.zero(DOUBLES);
    int i = 0;
    for (; i <= count - 4 * STEP; i += 4 * STEP) {
      s0 = s0.add(doubles(x, at + i));
      s1 = s1.add(doubles(x, at + i + STEP));
      s2 = s2.add(doubles(x, at + i + 2L * STEP));
      s3 = s3.add(doubles(x, at + i + 3L * STEP));
    }
    double sum = lanes(s0.add(s1).add(s2.add(s3)));
    for (; i < count; i++) {
      sum += Floats.get(x, at + i);
    }
    return sum;
  }

  private static double squares(MemorySegment x, long at, int count) {
    DoubleVector s0 = DoubleVector.zero(DOUBLES);
    DoubleVector s1 = DoubleVector.zero(DOUBLES);
    DoubleVector s2 = DoubleVector.zero(DOUBLES);
    DoubleVector s3 = DoubleVector.zero(DOUBLES);
    int i = 0;
    for (; i <= count - 4 * STEP; i += 4 * STEP) {
      DoubleVector v0 = doubles(x, at + i);
      DoubleVector v1 = doubles(x, at + i + STEP);
      DoubleVector v2 = doubles(x, at + i + 2L * STEP);
      DoubleVector v3 = doubles(x, at + i + 3L * STEP);
      s0 = v0.fma(v0, s0);
      s1 = v1.fma(v1, s1);
      s2 = v2.fma(v2, s2);
      s3 = v3.fma(v3, s3);
    }
    double sum = lanes(s0.add(s1).add(s2.add(s3)));
    for (; i < count; i++) {
      double value = Floats.get(x, at + i);
      sum = Math.fma(value, value, sum);
    }
    return sum;
  }

  private static DoubleVector doubles(MemorySegment x, long i) {
    return (DoubleVector) load(HALF, x, i).convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  private static double lanes(DoubleVector v) {
    double sum = 0;
    for (double lane : v.toArray()) {
      sum += lane;
    }
    return sum;
  }

  private static double nonFinite(MemorySegment x, long at, int count) {
    long found = 0;
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      found += LANES - load(x, at + i).test(VectorOperators.IS_FINITE).trueCount();
    }
    if (i < count) {
      VectorMask<Float> mask = Floats.tail(i, count);
      found += LANES - load(x, at + i, mask).test(VectorOperators.IS_FINITE).trueCount();
    }
    return found;
  }
}
