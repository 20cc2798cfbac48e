/**
 * The table of all operations of the wall, each with its float64 reference: what the tests run on
 * every device, and {@code doctor --selftest} on the user's.
 */
package dev.culebra.operations;
