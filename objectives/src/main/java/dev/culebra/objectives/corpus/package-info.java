/** From files to documents, pairs of texts and pictures. */
package dev.culebra.objectives.corpus;
