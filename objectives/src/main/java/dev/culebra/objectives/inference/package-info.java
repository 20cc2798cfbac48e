/** What a trained model is used for: writing, filling masks, finding, drawing. */
package dev.culebra.objectives.inference;
