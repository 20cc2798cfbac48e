package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CpuPoolingTest {

  private final Fixture memory = new Fixture();
  private final CpuPool pool = new CpuPool(2);
  private final CpuPooling operations = new CpuPooling(pool);

  @AfterEach
  void close() {
    pool.close();
    memory.close();
  }

  @Test
  void emptyIntervalsGiveZerosAndReceiveNothing() {
    Matrix x = Matrix.of(memory.of(1, 2, 3, 4), 4, 1);
    Intervals intervals = new Intervals(memory.ints(0, 2, 3), memory.ints(2, 2, 4));
    Buffer y = memory.of(9, 9, 9);
    operations.pool(Matrix.of(y, 3, 1), x, intervals);
    assertThat(Fixture.doubles(y)).containsExactly(1.5, 0, 4);
    Buffer dx = memory.of(9, 9, 9, 9);
    operations.poolBackward(
        Matrix.of(dx, 4, 1), Matrix.of(memory.of(2, 8, 3), 3, 1), intervals, false);
    assertThat(Fixture.doubles(dx)).containsExactly(1, 1, 0, 3);
  }

  @Test
  void wrongIntervalsAreNamed() {
    refused(new Intervals(memory.ints(0, 2), memory.ints(2, 5)), "interval 1 is 2..5: ");
    refused(new Intervals(memory.ints(1, 0), memory.ints(2, 3)), "interval 1 is 0..3: ");
    refused(new Intervals(memory.ints(0, 0), memory.ints(2, 1)), "interval 1 is 0..1: ");
    refused(new Intervals(memory.ints(-1, 0), memory.ints(2, 2)), "interval 0 is -1..2: ");
    refused(new Intervals(memory.ints(3, 3), memory.ints(2, 4)), "interval 0 is 3..2: ");
  }

  private void refused(Intervals intervals, String complaint) {
    Matrix x = Matrix.of(memory.floats(4), 4, 1);
    Matrix y = Matrix.of(memory.floats(2), 2, 1);
    assertThatThrownBy(() -> operations.pool(y, x, intervals))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("pool: " + complaint);
    assertThatThrownBy(() -> operations.poolBackward(x, y, intervals, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("poolBackward: " + complaint);
  }
}
