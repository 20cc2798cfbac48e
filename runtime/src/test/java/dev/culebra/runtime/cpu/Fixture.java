package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;

/** Buffers for the tests of the CPU's operations, filled from a seed that is printed. */
final class Fixture implements AutoCloseable {

  /** Lengths around the vector sizes of 4, 8 and 16 lanes, and around some unrollings of them. */
  static final int[] LENGTHS = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 63, 65, 100, 129, 257};

  /** Repeats a test with this seed: {@code -Dculebra.test.seed=...}. */
  static final long SEED = Long.getLong("culebra.test.seed", System.nanoTime());

  private static boolean printed;

  private final Arena arena = Arena.ofShared();
  private final SplittableRandom random = new SplittableRandom(SEED);

  Fixture() {
    if (!printed) {
      printed = true;
      System.out.println("random operands: -Dculebra.test.seed=" + SEED);
    }
  }

  /** A value in 0..bound-1. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Zeros. */
  Buffer floats(long length) {
    return buffer(DType.F32, length);
  }

  /** Normally distributed values. */
  Buffer normal(long length) {
    return normal(length, 0, 1);
  }

  Buffer normal(long length, double mean, double deviation) {
    Buffer x = floats(length);
    for (long i = 0; i < length; i++) {
      set(x, i, (float) (mean + deviation * random.nextGaussian()));
    }
    return x;
  }

  Buffer of(float... values) {
    Buffer x = floats(values.length);
    MemorySegment.copy(values, 0, x.memory(), ValueLayout.JAVA_FLOAT, 0, values.length);
    return x;
  }

  Buffer ints(int... values) {
    Buffer x = buffer(DType.I32, values.length);
    MemorySegment.copy(values, 0, x.memory(), ValueLayout.JAVA_INT, 0, values.length);
    return x;
  }

  Buffer buffer(DType dtype, long length) {
    MemorySegment memory = arena.allocate(Math.max(64, length * dtype.bytes()), 64);
    return new Buffer("test", dtype, length, memory.asSlice(0, length * dtype.bytes()), root -> {});
  }

  /** A matrix of normally distributed values, whose rows may be parts of wider ones. */
  Matrix matrix(long rows, long cols) {
    long stride = cols + random.nextInt(5);
    return new Matrix(normal(rows * stride), rows, cols, stride, false);
  }

  Matrix copy(Matrix x) {
    return new Matrix(copy(x.data()), x.rows(), x.cols(), x.stride(), false);
  }

  Buffer copy(Buffer x) {
    Buffer y = buffer(x.dtype(), x.length());
    y.memory().copyFrom(x.memory());
    return y;
  }

  static float get(Buffer x, long i) {
    return x.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i);
  }

  static void set(Buffer x, long i, float value) {
    x.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
  }

  static double get(Matrix x, long i, long j) {
    return get(x.data(), i * x.stride() + j);
  }

  /** Runs {@code test} on pools of one, two and three threads. */
  static void onPools(Consumer<CpuPool> test) {
    for (int threads = 1; threads <= 3; threads++) {
      try (CpuPool pool = new CpuPool(threads)) {
        test.accept(pool);
      }
    }
  }

  static double[] doubles(Buffer x) {
    double[] values = new double[Math.toIntExact(x.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(x, i);
    }
    return values;
  }

  /** Requires |actual - expected| <= tolerance * (1 + |expected|) for each element. */
  static void assertClose(Buffer actual, double[] expected, double tolerance, String what) {
    Assertions.assertThat(actual.length()).as(what).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(get(actual, i) - expected[i]) / (1 + Math.abs(expected[i]));
      Assertions.assertThat(error <= tolerance)
          .as("%s [%d]: %s instead of %s", what, i, get(actual, i), expected[i])
          .isTrue();
    }
  }

  /**
   * Requires |actual - expected| <= tolerance * (1 + |expected|) for each element, and that what
   * lies between the rows is as in {@code before}.
   */
  static void assertClose(
      Matrix actual, double[][] expected, Matrix before, double tolerance, String what) {
    double[] all = doubles(before.data());
    for (int i = 0; i < expected.length; i++) {
      int row = Math.toIntExact(i * actual.stride());
      System.arraycopy(expected[i], 0, all, row, expected[i].length);
    }
    assertClose(actual.data(), all, tolerance, what);
  }

  /** Requires equal bits. */
  static void assertSame(Buffer actual, Buffer expected, String what) {
    Assertions.assertThat(actual.memory().mismatch(expected.memory())).as(what).isEqualTo(-1);
  }

  @Override
  public void close() {
    arena.close();
  }
}
