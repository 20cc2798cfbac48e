/** ELECTRA. */
package dev.culebra.models.electra;
