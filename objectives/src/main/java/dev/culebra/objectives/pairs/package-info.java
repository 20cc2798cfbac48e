/** Objectives of pairs of texts or of images and texts: contrast and captions. */
package dev.culebra.objectives.pairs;
