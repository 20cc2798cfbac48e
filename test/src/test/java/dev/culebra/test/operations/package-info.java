/**
 * The operation table: every operation of the wall {@link dev.culebra.runtime.kernel.Kernels},
 * stated once, and the tests that follow from it.
 *
 * <p>{@link dev.culebra.test.operations.OperationTable} lists the rows. Package {@code rows}
 * declares them by family, {@code reference} holds their truth in float64, {@code harness} the
 * checks that apply to every row alike.
 */
package dev.culebra.test.operations;
