package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Rotary positions, in the half-split layout. */
final class CpuRotary {

  /** Picks the cosines of two vectors of (cosine, sine) pairs. */
  private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(Floats.SPECIES, i -> 2 * i);

  private static final VectorShuffle<Float> ODD =
      VectorShuffle.fromOp(Floats.SPECIES, i -> 2 * i + 1);

  private final CpuPool pool;

  CpuRotary(CpuPool pool) {
    this.pool = pool;
  }

  void rotary(Matrix x, int headSize, Buffer position, Buffer table, boolean inverse) {
    if (headSize < 2 || headSize % 2 != 0 || x.cols() % headSize != 0) {
      throw Contract.wrong(
          "rotary",
          "head size " + headSize + " must be even and divide the " + x.cols() + " columns");
    }
    MemorySegment values = Contract.f32("rotary", "x", x);
    MemorySegment angles = Contract.f32("rotary", "table", table);
    if (table.length() % headSize != 0) {
      throw Contract.wrong(
          "rotary", "table must have rows of " + headSize + " values, but it is " + table);
    }
    int heads = Math.toIntExact(x.cols() / headSize);
    MemorySegment positions = positions(position, x.rows(), table.length() / headSize);
    pool.rows(
        x.rows(),
        Grain.rows(x.cols()),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            long angle = (long) positions.get(ValueLayout.JAVA_INT, i << 2) * headSize;
            turn(values, i * x.stride(), heads, headSize, angles, angle, inverse);
          }
        });
  }

  private static MemorySegment positions(Buffer position, long count, long rows) {
    MemorySegment positions = Contract.i32("rotary", "position", position, count);
    for (long i = 0; i < count; i++) {
      int row = positions.get(ValueLayout.JAVA_INT, i << 2);
      if (row < 0 || row >= rows) {
        throw Contract.wrong(
            "rotary", "position[" + i + "] is " + row + ", not in 0.." + (rows - 1));
      }
    }
    return positions;
  }

  /** Turns one row: for some pairs at a time, all heads, so that the angles are read once. */
  private static void turn(
      MemorySegment x,
      long row,
      int heads,
      int headSize,
      MemorySegment angles,
      long angle,
      boolean inverse) {
    int pairs = headSize / 2;
    int j = 0;
    for (; j <= pairs - LANES; j += LANES) {
      FloatVector a = load(angles, angle + 2L * j);
      FloatVector b = load(angles, angle + 2L * j + LANES);
      FloatVector cos = a.rearrange(EVEN, b);
      FloatVector sin = a.rearrange(ODD, b);
      turn(x, row + j, heads, headSize, cos, inverse ? sin.neg() : sin);
    }
    if (j < pairs) {
      FloatVector a = load(angles, angle + 2L * j, Floats.tail(2L * j, headSize));
      FloatVector b = load(angles, angle + 2L * j + LANES, Floats.tail(2L * j + LANES, headSize));
      FloatVector cos = a.rearrange(EVEN, b);
      FloatVector sin = a.rearrange(ODD, b);
      VectorMask<Float> mask = Floats.tail(j, pairs);
      turn(x, row + j, heads, headSize, cos, inverse ? sin.neg() : sin, mask);
    }
  }

  private static void turn(
      MemorySegment x, long at, int heads, int headSize, FloatVector cos, FloatVector sin) {
    long half = headSize / 2;
    for (int head = 0; head < heads; head++) {
      long i = at + (long) head * headSize;
      FloatVector a = load(x, i);
      FloatVector b = load(x, i + half);
      store(a.mul(cos).sub(b.mul(sin)), x, i);
      store(b.fma(cos, a.mul(sin)), x, i + half);
    }
  }

  private static void turn(
      MemorySegment x,
      long at,
      int heads,
      int headSize,
      FloatVector cos,
      FloatVector sin,
      VectorMask<Float> mask) {
    long half = headSize / 2;
    for (int head = 0; head < heads; head++) {
      long i = at + (long) head * headSize;
      FloatVector a = load(x, i, mask);
      FloatVector b = load(x, i + half, mask);
      store(a.mul(cos).sub(b.mul(sin)), x, i, mask);
      store(b.fma(cos, a.mul(sin)), x, i + half, mask);
    }
  }
}
