package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Fixture.assertClose;
import static dev.culebra.runtime.cpu.Fixture.assertSame;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Matrix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CpuRotaryTest {

  /** Two products and a sum of values of size 1. */
  private static final double TOLERANCE = 1e-6;

  private static final int POSITIONS = 50;

  private final Fixture memory = new Fixture();
  private final CpuPool pool = new CpuPool(2);
  private final CpuRotary operations = new CpuRotary(pool);

  @AfterEach
  void close() {
    pool.close();
    memory.close();
  }

  @Test
  void pairsTurnByTheirAnglesAndBack() {
    for (int headSize : new int[] {2, 4, 6, 14, 16, 18, 30, 32, 34, 64, 80, 128}) {
      int heads = 1 + memory.below(4);
      int n = 1 + memory.below(60);
      Matrix before = memory.matrix(n, (long) heads * headSize);
      int[] position = new int[n];
      double[][] expected = new double[n][heads * headSize];
      for (int i = 0; i < n; i++) {
        position[i] = memory.below(POSITIONS);
        for (int j = 0; j < heads * headSize; j++) {
          int pair = j % (headSize / 2);
          double angle = angle(position[i], pair, headSize);
          boolean lower = j % headSize < headSize / 2;
          double other = Fixture.get(before, i, lower ? j + headSize / 2 : j - headSize / 2);
          expected[i][j] =
              Fixture.get(before, i, j) * Math.cos(angle)
                  + (lower ? -other : other) * Math.sin(angle);
        }
      }
      Buffer table = table(headSize);
      Buffer positions = memory.ints(position);
      Matrix x = memory.copy(before);
      operations.rotary(x, headSize, positions, table, false);
      String what = "rotary of " + n + " x " + heads + " heads of " + headSize;
      assertClose(x, expected, before, TOLERANCE, what);
      Fixture.onPools(
          other -> {
            Matrix again = memory.copy(before);
            new CpuRotary(other).rotary(again, headSize, positions, table, false);
            assertSame(again.data(), x.data(), what + ", " + other.threads() + " threads");
          });
      operations.rotary(x, headSize, positions, table, true);
      assertClose(x.data(), Fixture.doubles(before.data()), TOLERANCE, what + ", back");
    }
  }

  @Test
  void wrongArgumentsNameTheOperation() {
    Matrix x = memory.matrix(2, 12);
    Buffer table = table(4);
    assertThatThrownBy(() -> operations.rotary(x, 8, memory.ints(0, 1), table, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rotary: head size 8 must be even and divide the 12 columns");
    assertThatThrownBy(() -> operations.rotary(x, 4, memory.ints(0, POSITIONS), table, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rotary: position[1] is 50, not in 0..49");
    assertThatThrownBy(() -> operations.rotary(x, 4, memory.ints(0, 1), memory.floats(6), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("rotary: table must have rows of 4 values");
  }

  private Buffer table(int headSize) {
    Buffer table = memory.floats((long) POSITIONS * headSize);
    for (int p = 0; p < POSITIONS; p++) {
      for (int j = 0; j < headSize / 2; j++) {
        double angle = angle(p, j, headSize);
        Fixture.set(table, (long) p * headSize + 2 * j, (float) Math.cos(angle));
        Fixture.set(table, (long) p * headSize + 2 * j + 1, (float) Math.sin(angle));
      }
    }
    return table;
  }

  private static double angle(int position, int pair, int headSize) {
    return position * Math.pow(10_000, -2.0 * pair / headSize);
  }
}
