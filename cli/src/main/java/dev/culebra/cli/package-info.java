/** Placeholder so that the module compiles. */
package dev.culebra.cli;
