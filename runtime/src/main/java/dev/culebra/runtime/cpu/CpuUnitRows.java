package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;
import static dev.culebra.runtime.cpu.Floats.tail;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Rows divided by their l2 norm. */
final class CpuUnitRows {

  private static final float MOST_INVERSE = 1e12f;

  private final CpuPool pool;

  CpuUnitRows(CpuPool pool) {
    this.pool = pool;
  }

  void normalizeRows(Matrix y, Buffer inverseNorms, Matrix x) {
    int cols = Math.toIntExact(x.cols());
    MemorySegment target = Contract.f32("normalizeRows", "y", y, x.rows(), cols);
    MemorySegment inverses = Contract.f32("normalizeRows", "inverseNorms", inverseNorms, x.rows());
    MemorySegment source = Contract.f32("normalizeRows", "x", x);
    pool.rows(
        x.rows(),
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            long at = i * x.stride();
            double norm = Math.sqrt(CpuNorm.squares(source, at, 0, cols));
            float inverse = Math.min(MOST_INVERSE, (float) (1 / norm));
            Floats.set(inverses, i, inverse);
            View.multiply(target, i * y.stride(), source, at, cols, inverse);
          }
        });
  }

  void normalizeRowsBackward(
      Matrix dx, Matrix dy, Matrix y, Buffer inverseNorms, boolean accumulate) {
    String name = "normalizeRowsBackward";
    int cols = Math.toIntExact(y.cols());
    MemorySegment target = Contract.f32(name, "dx", dx, y.rows(), cols);
    MemorySegment upper = Contract.f32(name, "dy", dy, y.rows(), cols);
    MemorySegment unit = Contract.f32(name, "y", y);
    MemorySegment inverses = Contract.f32(name, "inverseNorms", inverseNorms, y.rows());
    pool.rows(
        y.rows(),
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            long d = i * dy.stride();
            long row = i * y.stride();
            float inverse = Floats.get(inverses, i);
            boolean tiny = inverse == MOST_INVERSE;
            float along = tiny ? 0 : dot(unit, row, upper, d, cols);
            if (!accumulate) {
              View.multiply(target, i * dx.stride(), upper, d, cols, inverse);
            } else {
              add(target, i * dx.stride(), inverse, upper, d, cols);
            }
            add(target, i * dx.stride(), -along * inverse, unit, row, cols);
          }
        });
  }

  // Inner loops, over one row

  private static float dot(MemorySegment a, long aAt, MemorySegment b, long bAt, int cols) {
    FloatVector sum = Floats.zero();
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      sum = load(a, aAt + j).fma(load(b, bAt + j), sum);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      sum = load(a, aAt + j, mask).fma(load(b, bAt + j, mask), sum);
    }
    return Floats.sum(sum);
  }

  /** y += factor x, for {@code cols} elements. */
  static void add(MemorySegment y, long yAt, float factor, MemorySegment x, long xAt, int cols) {
    FloatVector times = Floats.broadcast(factor);
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      store(load(x, xAt + j).fma(times, load(y, yAt + j)), y, yAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      store(load(x, xAt + j, mask).fma(times, load(y, yAt + j, mask)), y, yAt + j, mask);
    }
  }
}
