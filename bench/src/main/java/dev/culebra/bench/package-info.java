/** JMH benchmarks of kernels and whole steps. */
package dev.culebra.bench;
