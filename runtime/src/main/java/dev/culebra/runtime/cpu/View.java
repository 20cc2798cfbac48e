package dev.culebra.runtime.cpu;

import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The memory of an untransposed matrix.
 *
 * @param data row by row
 * @param stride elements from one row's start to the next one's
 */
record View(MemorySegment data, long stride) {

  static View of(Matrix matrix) {
    return new View(matrix.data().memory(), matrix.stride());
  }

  /** Where element (row, col) lies, in elements. */
  long at(long row, long col) {
    return row * stride + col;
  }

  /** The memory from element (row, col) on. */
  MemorySegment from(long row, long col) {
    return data.asSlice(at(row, col) * Float.BYTES);
  }

  /** Columns {@code col} to {@code col + cols} of rows {@code from} to {@code to} become 0. */
  void zero(long from, long to, long col, long cols) {
    for (long row = from; row < to; row++) {
      data.asSlice(at(row, col) * Float.BYTES, cols * Float.BYTES).fill((byte) 0);
    }
  }

  /** Whether all values in {@code cols} columns of rows {@code from} to {@code to} are finite. */
  boolean finite(long from, long to, long col, long cols) {
    FloatVector sum = Floats.zero();
    for (long row = from; row < to; row++) {
      long at = at(row, col);
      long i = 0;
      for (; i <= cols - Floats.LANES; i += Floats.LANES) {
        sum = Floats.load(data, at + i).fma(Floats.zero(), sum);
      }
      if (i < cols) {
        sum = Floats.load(data, at + i, Floats.tail(i, cols)).fma(Floats.zero(), sum);
      }
    }
    // 0 x is 0 for finite x, else NaN.
    return Floats.sum(sum) == 0;
  }

  /** Writes factor * rows {@code from} to {@code to}, {@code cols} columns of each, densely. */
  void read(long from, long to, long col, long cols, float factor, MemorySegment target) {
    for (long row = from; row < to; row++) {
      multiply(target, (row - from) * cols, data, at(row, col), cols, factor);
    }
  }

  /** Reads rows {@code from} to {@code to}, {@code cols} columns of each, from dense ones. */
  void write(long from, long to, long col, long cols, MemorySegment source) {
    for (long row = from; row < to; row++) {
      copy(data, at(row, col), source, (row - from) * cols, cols);
    }
  }

  /** y = x. */
  static void copy(MemorySegment y, long yAt, MemorySegment x, long xAt, long count) {
    long i = 0;
    for (; i <= count - Floats.LANES; i += Floats.LANES) {
      Floats.store(Floats.load(x, xAt + i), y, yAt + i);
    }
    if (i < count) {
      VectorMask<Float> mask = Floats.tail(i, count);
      Floats.store(Floats.load(x, xAt + i, mask), y, yAt + i, mask);
    }
  }

  /** y = factor x. */
  static void multiply(
      MemorySegment y, long yAt, MemorySegment x, long xAt, long count, float factor) {
    long i = 0;
    for (; i <= count - Floats.LANES; i += Floats.LANES) {
      Floats.store(Floats.load(x, xAt + i).mul(factor), y, yAt + i);
    }
    if (i < count) {
      VectorMask<Float> mask = Floats.tail(i, count);
      Floats.store(Floats.load(x, xAt + i, mask).mul(factor), y, yAt + i, mask);
    }
  }
}
