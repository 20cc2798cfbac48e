/** Workloads, the training step, and runs with their metrics and checkpoints. */
package dev.culebra.objectives.training;
