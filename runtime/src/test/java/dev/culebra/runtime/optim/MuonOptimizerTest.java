package dev.culebra.runtime.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Initializer;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameter.Kind;
import dev.culebra.runtime.tensor.Parameters;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Steps of Muon beside a float64 reference written from the paper. Five Newton-Schulz steps in
 * float32 multiply its rounding by some hundreds: 1e-4 of weights that move by 0.2.
 */
final class MuonOptimizerTest {

  private static final double RATE = 0.1;
  private static final double SCALE = 0.5;
  private static final double DECAY = 0.25;

  /** A matrix of the reference. */
  private record Reference(int rows, int cols, double[] weights, double[] m) {

    void step(double[] gradient) {
      double[] x = new double[m.length];
      for (int i = 0; i < x.length; i++) {
        double g = SCALE * gradient[i];
        m[i] = 0.95 * m[i] + 0.05 * g;
        x[i] = 0.05 * g + 0.95 * m[i];
      }
      double norm = Math.sqrt(Arrays.stream(x).map(v -> v * v).sum()) + 1e-7;
      x = Arrays.stream(x).map(v -> v / norm).toArray();
      for (int i = 0; i < 5; i++) {
        double[] gram = product(x, transposed(x, rows, cols), rows, cols, rows);
        double[] square = product(gram, gram, rows, rows, rows);
        double[] polynomial = new double[gram.length];
        for (int j = 0; j < gram.length; j++) {
          polynomial[j] = -4.7750 * gram[j] + 2.0315 * square[j];
        }
        double[] next = product(polynomial, x, rows, rows, cols);
        for (int j = 0; j < x.length; j++) {
          x[j] = 3.4445 * x[j] + next[j];
        }
      }
      double factor = 0.2 * Math.sqrt(Math.max(rows, cols));
      for (int i = 0; i < x.length; i++) {
        weights[i] = weights[i] * (1 - RATE * DECAY) - RATE * factor * x[i];
      }
    }

    private static double[] product(double[] a, double[] b, int rows, int inner, int cols) {
      double[] c = new double[rows * cols];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          for (int k = 0; k < inner; k++) {
            c[i * cols + j] += a[i * inner + k] * b[k * cols + j];
          }
        }
      }
      return c;
    }

    private static double[] transposed(double[] x, int rows, int cols) {
      double[] t = new double[x.length];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          t[j * rows + i] = x[i * cols + j];
        }
      }
      return t;
    }
  }

  /** Tall, wide, two parts of one parameter, and a convolution, whose kernels are rows. */
  @Test
  void stepsFollowTheReference() {
    Random random = new Random(11);
    Initializer start = new Initializer.Normal(1);
    Parameters all = new Parameters();
    all.add(Kind.HIDDEN, "tall", start, 7, 3);
    all.add(Kind.HIDDEN, "wide", start, 3, 5);
    all.add(
        Kind.HIDDEN,
        List.of(Parameters.part("query", start, 4, 4), Parameters.part("key", start, 2, 4)));
    all.add(Kind.HIDDEN, "convolution", start, 4, 3, 2, 2);
    all.add(Kind.BIAS, "bias", start, 9);
    int[][] shapes = {{7, 3}, {3, 5}, {4, 4}, {2, 4}, {4, 12}};
    try (Device device = CpuDevice.open(1)) {
      all.allocate(device);
      all.initialize(5);
      Buffer values = device.allocate("values", DType.F32, StepValues.COUNT);
      set(values, StepValues.LEARNING_RATE, RATE);
      set(values, StepValues.GRADIENT_SCALE, SCALE);
      set(values, StepValues.BIAS_CORRECTION_1, 1);
      set(values, StepValues.BIAS_CORRECTION_2, 1);
      Reference[] expected = new Reference[shapes.length];
      long[] offsets = offsets(all, shapes);
      for (int i = 0; i < shapes.length; i++) {
        int length = shapes[i][0] * shapes[i][1];
        double[] weights = read(all.masters(), offsets[i], length);
        expected[i] = new Reference(shapes[i][0], shapes[i][1], weights, new double[length]);
      }
      AdamW options = new AdamW(0.9f, 0.99f, 1e-8f, (float) DECAY);
      try (MuonOptimizer optimizer = new MuonOptimizer(device, all, options)) {
        for (int step = 0; step < 3; step++) {
          for (long i = 0; i < all.gradients().length(); i++) {
            set(all.gradients(), i, random.nextGaussian());
          }
          optimizer.step(values);
          for (int i = 0; i < expected.length; i++) {
            Reference matrix = expected[i];
            matrix.step(read(all.gradients(), offsets[i], matrix.weights.length));
            assertThat(read(all.masters(), offsets[i], matrix.weights.length))
                .as("matrix %d after step %d", i, step)
                .containsExactly(matrix.weights, within(1e-4));
          }
        }
      }
      values.release();
      all.close();
    }
  }

  /** Where the matrices begin: those of one parameter behind one another. */
  private static long[] offsets(Parameters all, int[][] shapes) {
    long[] offsets = new long[shapes.length];
    int next = 0;
    for (Parameter parameter : all.all()) {
      if (parameter.kind() == Kind.HIDDEN) {
        long offset = parameter.offset();
        for (Parameter.Part part : parameter.parts()) {
          offsets[next++] = offset;
          offset += part.length();
        }
      }
    }
    return offsets;
  }

  private static double[] read(Buffer buffer, long from, int length) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = buffer.memory().getAtIndex(ValueLayout.JAVA_FLOAT, from + i);
    }
    return values;
  }

  private static void set(Buffer buffer, long index, double value) {
    buffer.memory().setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
  }
}
