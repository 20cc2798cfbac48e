/** Objectives of text: samples packed into batches, and their losses. */
package dev.culebra.objectives.text;
