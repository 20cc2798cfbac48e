/** Suites that cross modules. */
package dev.culebra.test;
