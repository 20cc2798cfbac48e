package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Fixture.LENGTHS;
import static dev.culebra.runtime.cpu.Fixture.assertClose;
import static dev.culebra.runtime.cpu.Fixture.assertSame;
import static dev.culebra.runtime.cpu.Fixture.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
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
  void multiplyAlsoInPlace() {
    for (int n : LENGTHS) {
      Buffer a = memory.normal(n);
      Buffer b = memory.normal(n);
      Buffer sum = memory.normal(n);
      double[] product = new double[n];
      double[] added = new double[n];
      for (int i = 0; i < n; i++) {
        product[i] = (double) Fixture.get(a, i) * Fixture.get(b, i);
        added[i] = Fixture.get(sum, i) + product[i];
      }
      operations.multiply(sum, a, b, true);
      assertClose(sum, added, TOLERANCE, "added product of " + n);
      operations.multiply(b, a, b, false);
      assertClose(b, product, TOLERANCE, "product in place of " + n);
    }
  }

  @Test
  void clampKeepsNaN() {
    Buffer x = memory.of(-3, -1, 0.5f, 2, Float.NaN, Float.POSITIVE_INFINITY, -0f);
    operations.clamp(x, -1, 1);
    assertThat(doubles(x)).containsExactly(-1, -1, 0.5, 1, Double.NaN, 1, -0.0);
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
    Buffer dy = memory.normal((long) n * c);
    sameForAnyPool((o, y) -> o.multiply(y, dy, dy, false), (long) n * c, "multiply");
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
    assertThatThrownBy(() -> operations.multiply(x, null, x, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("multiply: a is missing");
    assertThatThrownBy(() -> operations.clamp(x, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("clamp: least 2.0 must not be above most 1.0");
  }

  private static double gelu(double x) {
    return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }
}
