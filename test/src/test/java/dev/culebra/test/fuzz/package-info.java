/**
 * Inputs that nobody would write, given to everything that reads what comes from outside: {@link
 * dev.culebra.test.fuzz.Parsers} lists it.
 */
package dev.culebra.test.fuzz;
