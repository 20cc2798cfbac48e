/** Scores of a model on held-out data, compared with baselines. */
package dev.culebra.train.evaluation;
