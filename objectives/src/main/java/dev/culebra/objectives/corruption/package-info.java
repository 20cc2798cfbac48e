/**
 * What an objective hides of a text and what it asks: from a document to one training sample, a
 * pure function of (document, seed, epoch, index).
 */
package dev.culebra.objectives.corruption;
