/**
 * How each objective corrupts a text and which tokens it predicts: from a document to one training
 * sample, a pure function of (document, seed, epoch, index).
 */
package dev.culebra.objectives.text.corruption;
