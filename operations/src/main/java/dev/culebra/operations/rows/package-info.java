/** The rows of the operation table, one file per family of operations. */
package dev.culebra.operations.rows;
