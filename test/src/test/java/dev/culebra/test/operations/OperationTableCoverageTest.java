package dev.culebra.test.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.operations.OperationTable;
import dev.culebra.operations.harness.CoverageCheck;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Operation;
import dev.culebra.runtime.kernel.Kernels;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The table and the wall list the same operations: one cannot grow without the other. */
final class OperationTableCoverageTest {

  static final List<Operation<?>> ROWS = OperationTable.ROWS;

  @Test
  void everyMethodOfTheWallHasARowOfItsOwn() {
    List<String> wall =
        Arrays.stream(Kernels.class.getMethods()).map(Method::getName).distinct().toList();
    List<String> covered =
        ROWS.stream()
            .flatMap(row -> row.kernels().stream())
            .filter(kernel -> kernel.methods().size() == 1)
            .flatMap(kernel -> kernel.methods().stream())
            .distinct()
            .toList();
    assertThat(covered)
        .as("methods that a row of the operation table covers, against those of Kernels")
        .containsExactlyInAnyOrderElementsOf(wall);
  }

  @Test
  void rowsHaveNamesOfTheirOwn() {
    assertThat(ROWS).extracting(Operation::name).doesNotHaveDuplicates();
  }

  @ParameterizedTest(name = "{0}")
  @FieldSource("ROWS")
  void aRowCallsWhatItCovers(Operation<?> row) {
    CoverageCheck.check(row, Draw.of(1, row.name()));
  }
}
