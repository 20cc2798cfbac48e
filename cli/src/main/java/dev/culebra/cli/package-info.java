/** The commands. */
package dev.culebra.cli;
