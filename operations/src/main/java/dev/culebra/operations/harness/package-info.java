/** What a row of the operation table consists of, and the checks that every row undergoes. */
package dev.culebra.operations.harness;
