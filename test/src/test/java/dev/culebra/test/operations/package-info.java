/**
 * The tests that follow from the table of operations, {@link
 * dev.culebra.operations.OperationTable}.
 */
package dev.culebra.test.operations;
