package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Fixture.LENGTHS;
import static dev.culebra.runtime.cpu.Fixture.assertClose;
import static dev.culebra.runtime.cpu.Fixture.assertSame;
import static dev.culebra.runtime.cpu.Fixture.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CpuElementwiseTest {

  /** A handful of roundings of 6e-8; the activations' factor of 20 as in FloatsTest. */
  private static final double TOLERANCE = 3e-6;

  private final Fixture memory = new Fixture();
  private final CpuPool pool = new CpuPool(2);
  private final CpuElementwise operations = new CpuElementwise(pool);

  @AfterEach
  void close() {
    pool.close();
    memory.close();
  }

  @Test
  void fillWritesEveryElement() {
    for (int n : LENGTHS) {
      Buffer x = memory.normal(n);
      operations.fill(x, 2.5f);
      assertThat(doubles(x)).containsOnly(2.5);
    }
    operations.fill(memory.floats(0), 1);
  }

  @Test
  void copyMovesAllTypes() {
    for (DType dtype : DType.values()) {
      for (int n : new int[] {0, 1, 17, 40_000}) {
        Buffer x = memory.buffer(dtype, n);
        for (long i = 0; i < x.bytes(); i++) {
          x.memory().set(ValueLayout.JAVA_BYTE, i, (byte) memory.below(256));
        }
        Buffer y = memory.buffer(dtype, n);
        operations.copy(y, x);
        assertSame(y, x, "copy of " + n + " x " + dtype);
      }
    }
  }

  @Test
  void axpbyScalesAndAdds() {
    for (int n : LENGTHS) {
      Buffer x = memory.normal(n);
      Buffer y = memory.normal(n);
      double[] expected = doubles(y);
      for (int i = 0; i < n; i++) {
        expected[i] = 0.5 * Fixture.get(x, i) - 3 * expected[i];
      }
      operations.axpby(y, 0.5f, x, -3);
      assertClose(y, expected, TOLERANCE, "axpby of " + n);
    }
  }

  @Test
  void axpbyWithoutBDoesNotReadY() {
    Buffer y = memory.of(Float.NaN, Float.NaN, Float.NaN);
    operations.axpby(y, 2, memory.of(1, 2, 3), 0);
    assertThat(doubles(y)).containsExactly(2, 4, 6);
  }

  @Test
  void geluBackwardMultipliesBySlopeAlsoInPlace() {
    for (int n : LENGTHS) {
      Buffer x = memory.normal(n, 0, 3);
      Buffer dy = memory.normal(n);
      double[] expected = new double[n];
      for (int i = 0; i < n; i++) {
        expected[i] = Fixture.get(dy, i) * geluSlope(Fixture.get(x, i));
      }
      Buffer dx = memory.floats(n);
      operations.geluBackward(dx, dy, x);
      assertClose(dx, expected, TOLERANCE, "geluBackward of " + n);
      operations.geluBackward(dy, dy, x);
      assertSame(dy, dx, "geluBackward in place of " + n);
    }
  }

  @Test
  void swigluAndItsGradient() {
    for (int n : new int[] {1, 5, 40}) {
      for (int c : LENGTHS) {
        Buffer x = memory.normal((long) n * 2 * c, 0, 3);
        Buffer dy = memory.normal((long) n * c);
        Buffer y = memory.floats((long) n * c);
        Buffer dx = memory.floats((long) n * 2 * c);
        operations.swiglu(Matrix.of(y, n, c), Matrix.of(x, n, 2L * c));
        operations.swigluBackward(
            Matrix.of(dx, n, 2L * c), Matrix.of(dy, n, c), Matrix.of(x, n, 2L * c));
        double[] expected = new double[n * c];
        double[] gradient = new double[n * 2 * c];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < c; j++) {
            double g = Fixture.get(x, i * 2 * c + j);
            double u = Fixture.get(x, i * 2 * c + c + j);
            double d = Fixture.get(dy, i * c + j);
            double s = 1 / (1 + Math.exp(-g));
            expected[i * c + j] = g * s * u;
            gradient[i * 2 * c + j] = d * u * s * (1 + g * (1 - s));
            gradient[i * 2 * c + c + j] = d * g * s;
          }
        }
        assertClose(y, expected, TOLERANCE, "swiglu " + n + " x " + c);
        assertClose(dx, gradient, TOLERANCE, "swigluBackward " + n + " x " + c);
      }
    }
  }

  @Test
  void epiloguesTouchTheirTileOnly() {
    for (int cols : LENGTHS) {
      int rows = 3;
      int stride = cols + 5;
      Buffer c = memory.normal(7 + (long) rows * stride);
      Buffer bias = memory.normal(2 + cols);
      Buffer gelu = memory.copy(c);
      Buffer plain = memory.copy(c);
      Buffer pre = memory.floats(1 + (long) rows * (cols + 2));
      double[] added = doubles(c);
      double[] activated = doubles(c);
      double[] unbiased = doubles(c);
      double[] kept = new double[1 + rows * (cols + 2)];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < cols; j++) {
          int at = 7 + i * stride + j;
          added[at] += Fixture.get(bias, 2 + j);
          activated[at] = gelu(added[at]);
          unbiased[at] = gelu(unbiased[at]);
          kept[1 + i * (cols + 2) + j] = added[at];
        }
      }
      MemorySegment biases = bias.memory();
      MemorySegment kepts = pre.memory();
      CpuElementwise.biasGelu(plain.memory(), 7, stride, rows, cols, null, 0, kepts, 1, cols + 2);
      assertClose(plain, unbiased, TOLERANCE, "gelu");
      CpuElementwise.biasGelu(gelu.memory(), 7, stride, rows, cols, biases, 2, kepts, 1, cols + 2);
      assertClose(gelu, activated, TOLERANCE, "biasGelu");
      assertClose(pre, kept, TOLERANCE, "biasGelu's pre-activation");
      CpuElementwise.bias(c.memory(), 7, stride, rows, cols, biases, 2);
      assertClose(c, added, TOLERANCE, "bias");
    }
  }

  @Test
  void resultsDoNotDependOnTheNumberOfThreads() {
    int n = 100;
    int c = 1025;
    Buffer x = memory.normal((long) n * 2 * c, 0, 3);
    Buffer dy = memory.normal((long) n * c);
    sameForAnyPool(
        (o, y) -> o.swiglu(Matrix.of(y, n, c), Matrix.of(x, n, 2L * c)), (long) n * c, "swiglu");
    sameForAnyPool(
        (o, y) ->
            o.swigluBackward(Matrix.of(y, n, 2L * c), Matrix.of(dy, n, c), Matrix.of(x, n, 2L * c)),
        (long) n * 2 * c,
        "swigluBackward");
    sameForAnyPool((o, y) -> o.geluBackward(y, dy, dy), (long) n * c, "geluBackward");
    sameForAnyPool((o, y) -> o.axpby(y, 2, dy, 3), (long) n * c, "axpby");
  }

  private void sameForAnyPool(BiConsumer<CpuElementwise, Buffer> operation, long n, String what) {
    Buffer first = memory.floats(n);
    operation.accept(operations, first);
    for (int threads = 1; threads <= 3; threads++) {
      try (CpuPool other = new CpuPool(threads)) {
        Buffer again = memory.floats(n);
        operation.accept(new CpuElementwise(other), again);
        assertSame(again, first, what + " with " + threads + " threads");
      }
    }
  }

  @Test
  void wrongArgumentsNameTheOperation() {
    Buffer x = memory.floats(4);
    assertThatThrownBy(() -> operations.fill(memory.ints(1, 2), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("fill: x must be F32, but it is 'test' (2 x I32)");
    assertThatThrownBy(() -> operations.copy(memory.floats(3), x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("copy: 'test' (3 x F32) cannot take 'test' (4 x F32)");
    assertThatThrownBy(() -> operations.axpby(x, 1, memory.floats(5), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("axpby: x must have 4 elements");
    assertThatThrownBy(() -> operations.geluBackward(x, null, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("geluBackward: dy is missing");
    assertThatThrownBy(() -> operations.swiglu(Matrix.of(x, 2, 2), Matrix.of(x, 2, 2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("swiglu: x must be 2 x 4, not 2 x 2");
  }

  private static double gelu(double x) {
    return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private static double geluSlope(double x) {
    double h = 1e-5;
    return (gelu(x + h) - gelu(x - h)) / (2 * h);
  }
}
