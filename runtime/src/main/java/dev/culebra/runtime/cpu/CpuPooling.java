package dev.culebra.runtime.cpu;

import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Means of rows over intervals. */
final class CpuPooling {

  private final CpuPool pool;

  CpuPooling(CpuPool pool) {
    this.pool = pool;
  }

  void pool(Matrix y, Matrix x, Intervals intervals) {
    int cols = Math.toIntExact(x.cols());
    MemorySegment target = Contract.f32("pool", "y", y, y.rows(), cols);
    MemorySegment source = Contract.f32("pool", "x", x);
    Bounds bounds = Bounds.of("pool", intervals, y.rows(), x.rows());
    pool.rows(
        y.rows(),
        1,
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            long at = i * y.stride();
            clear(target, at, cols);
            long start = bounds.start(i);
            long end = bounds.end(i);
            for (long row = start; row < end; row++) {
              CpuRows.add(target, at, source, row * x.stride(), cols);
            }
            if (start < end) {
              View.multiply(target, at, target, at, cols, 1f / (end - start));
            }
          }
        });
  }

  void poolBackward(Matrix dx, Matrix dy, Intervals intervals, boolean accumulate) {
    int cols = Math.toIntExact(dx.cols());
    MemorySegment target = Contract.f32("poolBackward", "dx", dx);
    MemorySegment source = Contract.f32("poolBackward", "dy", dy, dy.rows(), cols);
    Bounds bounds = Bounds.of("poolBackward", intervals, dy.rows(), dx.rows());
    pool.rows(
        dx.rows(),
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long row = from; row < to; row++) {
            long at = row * dx.stride();
            if (!accumulate) {
              clear(target, at, cols);
            }
            // Both ends grow with i, so the intervals that hold a row are neighbours.
            long last = first(bounds.starts, bounds.count, row);
            for (long i = first(bounds.ends, bounds.count, row); i < last; i++) {
              float share = 1f / (bounds.end(i) - bounds.start(i));
              CpuUnitRows.add(target, at, share, source, i * dy.stride(), cols);
            }
          }
        });
  }

  private static void clear(MemorySegment y, long at, int cols) {
    y.asSlice(at * Float.BYTES, (long) cols * Float.BYTES).fill((byte) 0);
  }

  /** The first of {@code count} non-decreasing values that is above {@code row}, or their count. */
  private static long first(MemorySegment values, long count, long row) {
    long from = 0;
    long to = count;
    while (from < to) {
      long middle = (from + to) >>> 1;
      if (values.getAtIndex(ValueLayout.JAVA_INT, middle) > row) {
        to = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }

  /** The ends of intervals over rows, which are checked. */
  private record Bounds(MemorySegment starts, MemorySegment ends, long count) {

    static Bounds of(String operation, Intervals intervals, long count, long rows) {
      Bounds bounds =
          new Bounds(
              Contract.i32(operation, "start", intervals.start(), count),
              Contract.i32(operation, "end", intervals.end(), count),
              count);
      long start = 0;
      long end = 0;
      for (long i = 0; i < count; i++) {
        if (bounds.start(i) < start
            || bounds.end(i) < Math.max(end, bounds.start(i))
            || bounds.end(i) > rows) {
          throw Contract.wrong(
              operation,
              "interval "
                  + i
                  + " is "
                  + bounds.start(i)
                  + ".."
                  + bounds.end(i)
                  + ": it must lie within "
                  + rows
                  + " rows, and neither end before that of the interval before it");
        }
        start = bounds.start(i);
        end = bounds.end(i);
      }
      return bounds;
    }

    long start(long i) {
      return starts.getAtIndex(ValueLayout.JAVA_INT, i);
    }

    long end(long i) {
      return ends.getAtIndex(ValueLayout.JAVA_INT, i);
    }
  }
}
