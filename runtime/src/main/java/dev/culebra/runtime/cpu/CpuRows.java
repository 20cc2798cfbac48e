package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Floats.LANES;
import static dev.culebra.runtime.cpu.Floats.load;
import static dev.culebra.runtime.cpu.Floats.store;
import static dev.culebra.runtime.cpu.Floats.tail;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Operations that pick, copy, scatter or add up rows. */
final class CpuRows {

  /** Tasks of a scatter: each owns the table's rows of one remainder by this power of two. */
  private static final int OWNERS = 16;

  private final CpuPool pool;

  CpuRows(CpuPool pool) {
    this.pool = pool;
  }

  void gatherRows(Matrix y, Matrix table, Buffer index, boolean accumulate) {
    int cols = Math.toIntExact(table.cols());
    MemorySegment target = Contract.f32("gatherRows", "y", y, y.rows(), cols);
    MemorySegment source = Contract.f32("gatherRows", "table", table);
    MemorySegment indices = indices("gatherRows", index, y.rows(), table.rows());
    pool.rows(
        y.rows(),
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            long row = row(indices, i);
            if (accumulate) {
              if (row >= 0) {
                add(target, i * y.stride(), source, row * table.stride(), cols);
              }
            } else if (row >= 0) {
              copy(target, i * y.stride(), source, row * table.stride(), cols);
            } else {
              long start = i * y.stride() * Float.BYTES;
              target.asSlice(start, (long) cols * Float.BYTES).fill((byte) 0);
            }
          }
        });
  }

  /** One task owns each row of the table and adds to it in the order of i. */
  void scatterAddRows(Matrix table, Matrix y, Buffer index) {
    int cols = Math.toIntExact(table.cols());
    MemorySegment target = Contract.f32("scatterAddRows", "table", table);
    MemorySegment source = Contract.f32("scatterAddRows", "y", y, y.rows(), cols);
    MemorySegment indices = indices("scatterAddRows", index, y.rows(), table.rows());
    MemorySegment order = pool.scratch(0, y.rows() * Long.BYTES);
    long[] ends = sortByOwner(indices, y.rows(), order);
    pool.run(
        OWNERS,
        (owner, thread) -> {
          int task = Math.toIntExact(owner);
          for (long k = task == 0 ? 0 : ends[task - 1]; k < ends[task]; k++) {
            long i = order.get(ValueLayout.JAVA_LONG, k << 3);
            add(target, row(indices, i) * table.stride(), source, i * y.stride(), cols);
          }
        });
  }

  /**
   * A stable counting sort of 0..count-1 by the owner of {@code indices[i]}, without the -1s.
   *
   * @return where each owner's part of {@code order} ends
   */
  private static long[] sortByOwner(MemorySegment indices, long count, MemorySegment order) {
    long[] next = new long[OWNERS + 1];
    for (long i = 0; i < count; i++) {
      long row = row(indices, i);
      if (row >= 0) {
        next[(int) (row % OWNERS) + 1]++;
      }
    }
    for (int owner = 0; owner < OWNERS; owner++) {
      next[owner + 1] += next[owner];
    }
    for (long i = 0; i < count; i++) {
      long row = row(indices, i);
      if (row >= 0) {
        order.set(ValueLayout.JAVA_LONG, next[(int) (row % OWNERS)]++ << 3, i);
      }
    }
    return next;
  }

  void copyRows(Matrix y, Matrix x, boolean accumulate) {
    int cols = Math.toIntExact(y.cols());
    MemorySegment target = Contract.f32("copyRows", "y", y);
    MemorySegment source = Contract.f32("copyRows", "x", x, y.rows(), cols);
    pool.rows(
        y.rows(),
        Grain.rows(cols),
        (from, to, thread) -> {
          for (long i = from; i < to; i++) {
            if (accumulate) {
              add(target, i * y.stride(), source, i * x.stride(), cols);
            } else {
              copy(target, i * y.stride(), source, i * x.stride(), cols);
            }
          }
        });
  }

  void addColumnSums(Buffer sum, Matrix x) {
    int cols = Math.toIntExact(x.cols());
    MemorySegment target = Contract.f32("addColumnSums", "sum", sum, cols);
    MemorySegment source = Contract.f32("addColumnSums", "x", x);
    long blockRows = Grain.blockRows(x.rows());
    long blocks = Math.ceilDiv(x.rows(), blockRows);
    MemorySegment partials = pool.scratch(0, blocks * cols * Float.BYTES);
    pool.rows(
        x.rows(),
        blockRows,
        (from, to, thread) -> {
          long partial = from / blockRows * cols;
          copy(partials, partial, source, from * x.stride(), cols);
          long i = from + 1;
          for (; i <= to - 4; i += 4) {
            addFour(partials, partial, source, i * x.stride(), x.stride(), cols);
          }
          for (; i < to; i++) {
            add(partials, partial, source, i * x.stride(), cols);
          }
        });
    addPartials(target, partials, 0, cols, blocks, cols);
  }

  /** Adds {@code blocks} rows of partial sums to {@code target}, one after the other. */
  static void addPartials(
      MemorySegment target,
      MemorySegment partials,
      long offset,
      long stride,
      long blocks,
      int cols) {
    for (long block = 0; block < blocks; block++) {
      add(target, 0, partials, offset + block * stride, cols);
    }
  }

  /** Row numbers, checked to lie in -1..rows-1. */
  private static MemorySegment indices(String operation, Buffer index, long count, long rows) {
    MemorySegment indices = Contract.i32(operation, "index", index, count);
    for (long i = 0; i < count; i++) {
      long row = row(indices, i);
      if (row < -1 || row >= rows) {
        throw Contract.wrong(
            operation, "index[" + i + "] is " + row + ", not in -1.." + (rows - 1));
      }
    }
    return indices;
  }

  private static long row(MemorySegment indices, long i) {
    return indices.get(ValueLayout.JAVA_INT, i << 2);
  }

  // Inner loops

  private static void copy(MemorySegment y, long yAt, MemorySegment x, long xAt, int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      store(load(x, xAt + j), y, yAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      store(load(x, xAt + j, mask), y, yAt + j, mask);
    }
  }

  /** y += x, for {@code cols} elements. */
  static void add(MemorySegment y, long yAt, MemorySegment x, long xAt, int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      store(load(y, yAt + j).add(load(x, xAt + j)), y, yAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      store(load(y, yAt + j, mask).add(load(x, xAt + j, mask)), y, yAt + j, mask);
    }
  }

  /** Adds four rows at a time, so that the sums are read and written four times less often. */
  private static void addFour(
      MemorySegment y, long yAt, MemorySegment x, long xAt, long stride, int cols) {
    int j = 0;
    for (; j <= cols - LANES; j += LANES) {
      long at = xAt + j;
      FloatVector low = load(x, at).add(load(x, at + stride));
      FloatVector high = load(x, at + 2 * stride).add(load(x, at + 3 * stride));
      store(load(y, yAt + j).add(low.add(high)), y, yAt + j);
    }
    if (j < cols) {
      VectorMask<Float> mask = tail(j, cols);
      long at = xAt + j;
      FloatVector low = load(x, at, mask).add(load(x, at + stride, mask));
      FloatVector high = load(x, at + 2 * stride, mask).add(load(x, at + 3 * stride, mask));
      store(load(y, yAt + j, mask).add(low.add(high)), y, yAt + j, mask);
    }
  }
}
