/** Recipes, the training step, runs with their metrics and checkpoints, evaluation, generation. */
package dev.culebra.objectives.training;
