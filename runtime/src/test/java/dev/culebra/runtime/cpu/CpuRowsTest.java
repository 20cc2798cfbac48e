package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Fixture.LENGTHS;
import static dev.culebra.runtime.cpu.Fixture.assertClose;
import static dev.culebra.runtime.cpu.Fixture.assertSame;
import static dev.culebra.runtime.cpu.Fixture.doubles;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Matrix;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CpuRowsTest {

  /** One addition. */
  private static final double TOLERANCE = 1e-7;

  /** Sums reach 100; each of the some 75 additions of partial sums is rounded by 6e-8 of that. */
  private static final double SUM_TOLERANCE = 1e-4;

  private final Fixture memory = new Fixture();
  private final CpuPool pool = new CpuPool(2);
  private final CpuRows operations = new CpuRows(pool);

  @AfterEach
  void close() {
    pool.close();
    memory.close();
  }

  @Test
  void gatherRowsPicksZeroesAndAccumulates() {
    for (int cols : LENGTHS) {
      int n = 1 + memory.below(40);
      Matrix table = memory.matrix(1 + memory.below(20), cols);
      int[] index = indices(n, table.rows());
      Matrix before = memory.matrix(n, cols);
      for (boolean accumulate : new boolean[] {false, true}) {
        double[][] expected = new double[n][cols];
        for (int i = 0; i < n; i++) {
          for (int j = 0; j < cols; j++) {
            expected[i][j] =
                (accumulate ? Fixture.get(before, i, j) : 0)
                    + (index[i] < 0 ? 0 : Fixture.get(table, index[i], j));
          }
        }
        Matrix y = memory.copy(before);
        operations.gatherRows(y, table, memory.ints(index), accumulate);
        assertClose(y, expected, before, TOLERANCE, "gatherRows of " + cols + " columns");
      }
    }
  }

  @Test
  void scatterAddRowsAddsRepeatedRowsInTheirOrder() {
    for (int cols : LENGTHS) {
      int n = memory.below(300);
      Matrix before = memory.matrix(1 + memory.below(20), cols);
      Matrix y = memory.matrix(n, cols);
      int[] index = indices(n, before.rows());
      Matrix expected = memory.copy(before);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < cols && index[i] >= 0; j++) {
          long at = index[i] * before.stride() + j;
          float sum = Fixture.get(expected.data(), at) + (float) Fixture.get(y, i, j);
          Fixture.set(expected.data(), at, sum);
        }
      }
      Fixture.onPools(
          other -> {
            Matrix table = memory.copy(before);
            new CpuRows(other).scatterAddRows(table, y, memory.ints(index));
            assertSame(table.data(), expected.data(), "scatterAddRows with " + other.threads());
          });
    }
  }

  @Test
  void addColumnSumsAddsToTheSum() {
    for (int cols : LENGTHS) {
      int n = memory.below(700);
      Matrix x = memory.matrix(n, cols);
      Buffer before = memory.normal(cols);
      double[] expected = doubles(before);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < cols; j++) {
          expected[j] += Fixture.get(x, i, j);
        }
      }
      Buffer first = memory.copy(before);
      operations.addColumnSums(first, x);
      assertClose(first, expected, SUM_TOLERANCE, "addColumnSums of " + n + " x " + cols);
      Fixture.onPools(
          other -> {
            Buffer again = memory.copy(before);
            new CpuRows(other).addColumnSums(again, x);
            assertSame(again, first, "addColumnSums with " + other.threads() + " threads");
          });
    }
  }

  @Test
  void wrongArgumentsNameTheOperation() {
    Matrix y = memory.matrix(3, 4);
    Matrix table = memory.matrix(5, 4);
    assertThatThrownBy(() -> operations.gatherRows(y, table, memory.ints(0, 5, 1), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gatherRows: index[1] is 5, not in -1..4");
    assertThatThrownBy(() -> operations.scatterAddRows(table, y, memory.ints(0, 1, -2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scatterAddRows: index[2] is -2, not in -1..4");
    assertThatThrownBy(() -> operations.gatherRows(y, table, memory.ints(0), false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("gatherRows: index must have 3 elements");
    assertThatThrownBy(() -> operations.addColumnSums(memory.floats(5), y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("addColumnSums: sum must have 4 elements");
    assertThatThrownBy(() -> operations.addColumnSums(memory.floats(4), y.t()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("addColumnSums: x must not be transposed");
  }

  private int[] indices(int count, long rows) {
    int[] index = new int[count];
    for (int i = 0; i < count; i++) {
      index[i] = memory.below(Math.toIntExact(rows) + 1) - 1;
    }
    return index;
  }
}
