/**
 * The commands. Nothing here is needed to use Culebra as a library.
 *
 * <p>Results go to standard output; progress, notes and complaints go to standard error.
 */
package dev.culebra.cli;
