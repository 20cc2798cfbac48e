package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Fixture.LENGTHS;
import static dev.culebra.runtime.cpu.Fixture.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CpuReductionsTest {

  private final Fixture memory = new Fixture();
  private final CpuPool pool = new CpuPool(2);
  private final CpuReductions operations = new CpuReductions(pool);

  @AfterEach
  void close() {
    pool.close();
    memory.close();
  }

  @Test
  void addSumIsAsGoodAsOneRounding() {
    for (int n : LENGTHS) {
      Buffer x = memory.normal(n);
      double sum = 0;
      for (double value : Fixture.doubles(x)) {
        sum += value;
      }
      Buffer result = memory.of(3);
      operations.addSum(result, x, null);
      assertThat(Fixture.get(result, 0)).isEqualTo((float) (3 + sum));
      operations.addSum(result, x, memory.of(0.25f));
      assertThat(Fixture.get(result, 0)).isEqualTo((float) ((float) (3 + sum) + 0.25 * sum));
    }
  }

  @Test
  void addSumDoesNotDependOnTheNumberOfThreads() {
    Buffer x = memory.normal(200_003);
    Buffer first = memory.of(1);
    operations.addSum(first, x, null);
    Fixture.onPools(
        other -> {
          Buffer again = memory.of(1);
          new CpuReductions(other).addSum(again, x, null);
          assertSame(again, first, "addSum with " + other.threads() + " threads");
        });
  }

  @Test
  void countNonFiniteCountsInfinitiesAndNaN() {
    for (int n : LENGTHS) {
      Buffer x = memory.normal(n);
      Buffer count = memory.of(2);
      operations.countNonFinite(count, x);
      assertThat(Fixture.get(count, 0)).as("finite").isEqualTo(2);
      Fixture.set(x, 0, Float.MAX_VALUE);
      float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
      int found = 0;
      for (int i = 1; i < n; i++) {
        if (memory.below(3) == 0) {
          Fixture.set(x, i, bad[i % 3]);
          found++;
        }
      }
      operations.countNonFinite(count, x);
      assertThat(Fixture.get(count, 0)).as("among " + n).isEqualTo(2 + found);
    }
  }

  @Test
  void nothingSumsToNothing() {
    Buffer result = memory.of(5);
    operations.addSum(result, memory.floats(0), null);
    operations.countNonFinite(result, memory.floats(0));
    assertThat(Fixture.get(result, 0)).isEqualTo(5);
  }

  @Test
  void wrongArgumentsNameTheOperation() {
    assertThatThrownBy(() -> operations.addSum(memory.floats(2), memory.floats(3), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("addSum: result must have 1 elements");
    assertThatThrownBy(() -> operations.countNonFinite(memory.floats(1), memory.ints(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("countNonFinite: x must be F32");
  }
}
