/** What a model is asked to do with a batch, and how it is scored. */
package dev.culebra.objectives.objective;
