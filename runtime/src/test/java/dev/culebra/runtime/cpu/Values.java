package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Buffers for tests, with their values. */
final class Values {

  /** Lies between the rows of matrices: never to be read or written. */
  private static final float OUTSIDE = 1e30f;

  private Values() {}

  static Buffer floats(float... values) {
    MemorySegment memory = memory(values.length);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
    return new Buffer("floats", DType.F32, values.length, memory, _ -> {});
  }

  static Buffer ints(int... values) {
    MemorySegment memory = memory(values.length);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_INT, 0, values.length);
    return new Buffer("ints", DType.I32, values.length, memory, _ -> {});
  }

  private static MemorySegment memory(long length) {
    return Arena.ofAuto().allocate(length * 4, 64);
  }

  /** Normally distributed values. */
  static Buffer random(Random random, long length) {
    float[] values = new float[Math.toIntExact(length)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return floats(values);
  }

  /** A matrix of random values; its rows are parts of wider ones, which {@link #OUTSIDE} fills. */
  static Matrix randomMatrix(Random random, long rows, long cols) {
    long stride = cols + random.nextInt(20);
    Buffer data = random(random, rows * stride);
    for (long i = 0; i < rows; i++) {
      for (long j = cols; j < stride; j++) {
        Floats.set(data.memory(), i * stride + j, OUTSIDE);
      }
    }
    return new Matrix(data, rows, cols, stride, false);
  }

  static float[] floats(Buffer buffer) {
    return buffer.memory().toArray(ValueLayout.JAVA_FLOAT);
  }

  /** Element (i, j) as an operation sees it. */
  static double at(Matrix x, long i, long j) {
    long offset = x.transposed() ? j * x.stride() + i : i * x.stride() + j;
    return Floats.get(x.data().memory(), offset);
  }

  /**
   * Compares each element with a tolerance of {@code tolerance * (1 + |expected|)}, and checks that
   * nothing was written between the rows.
   */
  static void assertMatrix(Matrix actual, double[][] expected, double tolerance) {
    for (int i = 0; i < actual.rows(); i++) {
      for (int j = 0; j < actual.cols(); j++) {
        double e = expected[i][j];
        if (!(Math.abs(at(actual, i, j) - e) <= tolerance * (1 + Math.abs(e)))) {
          assertThat(at(actual, i, j)).as("element (%d, %d)", i, j).isEqualTo(e);
        }
      }
      for (long j = actual.cols(); j < actual.stride(); j++) {
        assertThat(at(actual, i, j)).as("beyond the end of row %d", i).isEqualTo(OUTSIDE);
      }
    }
  }
}
