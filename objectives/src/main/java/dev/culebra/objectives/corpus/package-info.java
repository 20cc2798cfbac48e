/** From files to documents. */
package dev.culebra.objectives.corpus;
