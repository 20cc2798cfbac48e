/** What a trained model is used for: writing, filling masks, searching, drawing. */
package dev.culebra.train.inference;
