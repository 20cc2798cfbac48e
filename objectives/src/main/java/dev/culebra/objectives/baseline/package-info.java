/** Trivial models of token ids, beside which a trained one is judged. */
package dev.culebra.objectives.baseline;
