/** How a model does beside trivial ones: figures, scores of held-out data, recall. */
package dev.culebra.objectives.evaluation;
