package dev.culebra.operations;

import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.rows.ActivationRows;
import dev.culebra.operations.rows.AttentionRows;
import dev.culebra.operations.rows.ContrastRows;
import dev.culebra.operations.rows.DropoutRows;
import dev.culebra.operations.rows.IndexRows;
import dev.culebra.operations.rows.LossRows;
import dev.culebra.operations.rows.MatmulRows;
import dev.culebra.operations.rows.MemoryRows;
import dev.culebra.operations.rows.NormRows;
import dev.culebra.operations.rows.OptimizerRows;
import dev.culebra.operations.rows.PoolingRows;
import dev.culebra.operations.rows.RegressionRows;
import dev.culebra.operations.rows.RotaryRows;
import dev.culebra.operations.rows.SamplingRows;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every operation of the wall, once.
 *
 * <p>To add an operation: write its truth in package {@code reference}, declare its row in the file
 * of its family in package {@code rows}. A family's list is named here. All checks follow.
 */
public final class OperationTable {

  /** The rows. */
  public static final List<Operation<?>> ROWS =
      Stream.of(
              MemoryRows.ROWS,
              MatmulRows.ROWS,
              IndexRows.ROWS,
              NormRows.ROWS,
              ActivationRows.ROWS,
              PoolingRows.ROWS,
              DropoutRows.ROWS,
              SamplingRows.ROWS,
              RotaryRows.ROWS,
              AttentionRows.ROWS,
              LossRows.ROWS,
              RegressionRows.ROWS,
              ContrastRows.ROWS,
              OptimizerRows.ROWS)
          .<Operation<?>>flatMap(List::stream)
          .toList();

  private OperationTable() {}
}
