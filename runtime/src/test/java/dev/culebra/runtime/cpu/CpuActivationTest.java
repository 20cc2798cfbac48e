package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Fixture.LENGTHS;
import static dev.culebra.runtime.cpu.Fixture.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Matrix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class CpuActivationTest {

  private final Fixture memory = new Fixture();
  private final CpuPool pool = new CpuPool(2);
  private final CpuActivation operations = new CpuActivation(pool);

  @AfterEach
  void close() {
    pool.close();
    memory.close();
  }

  @ParameterizedTest
  @EnumSource
  void inPlaceIsTheSame(Activation f) {
    for (int n : LENGTHS) {
      Buffer x = memory.normal(n, 0, 3);
      Buffer dy = memory.normal(n);
      Buffer dx = memory.floats(n);
      operations.activateBackward(f, dx, dy, x);
      operations.activateBackward(f, dy, dy, x);
      assertSame(dy, dx, f + "'s gradient in place of " + n);
      Buffer y = memory.floats(n);
      operations.activate(f, y, x);
      operations.activate(f, x, x);
      assertSame(x, y, f + " in place of " + n);
    }
  }

  @ParameterizedTest
  @EnumSource
  void notANumberStaysSo(Activation f) {
    Buffer x = memory.of(Float.NaN, 1);
    operations.activate(f, x, x);
    assertThat(Fixture.get(x, 0)).isNaN();
    assertThat(Fixture.get(x, 1)).isFinite();
  }

  @ParameterizedTest
  @EnumSource(names = {"SILU", "GELU", "GELU_TANH"})
  void resultsDoNotDependOnTheNumberOfThreads(Activation f) {
    int n = 100;
    int c = 1025;
    Matrix x = Matrix.of(memory.normal((long) n * 2 * c, 0, 3), n, 2L * c);
    Matrix y = Matrix.of(memory.floats((long) n * c), n, c);
    Matrix dx = Matrix.of(memory.floats((long) n * 2 * c), n, 2L * c);
    operations.gated(f, y, x);
    operations.gatedBackward(f, dx, y, x);
    Fixture.onPools(
        other -> {
          CpuActivation again = new CpuActivation(other);
          Matrix y2 = Matrix.of(memory.floats((long) n * c), n, c);
          Matrix dx2 = Matrix.of(memory.floats((long) n * 2 * c), n, 2L * c);
          again.gated(f, y2, x);
          again.gatedBackward(f, dx2, y2, x);
          assertSame(y2.data(), y.data(), "gated, " + other.threads() + " threads");
          assertSame(dx2.data(), dx.data(), "gatedBackward, " + other.threads() + " threads");
        });
  }

  @Test
  void wrongArgumentsNameTheOperation() {
    Buffer x = memory.floats(4);
    Matrix matrix = Matrix.of(x, 2, 2);
    assertThatThrownBy(() -> operations.activateBackward(Activation.GELU, x, null, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("activateBackward: dy is missing");
    assertThatThrownBy(() -> operations.gated(Activation.SILU, matrix, matrix))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gated: x must be 2 x 4, not 2 x 2");
    assertThatThrownBy(() -> operations.gated(Activation.TANH, matrix, matrix))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gated: TANH is no gate: take SILU, GELU or GELU_TANH");
  }
}
