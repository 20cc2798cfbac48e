/** Weighted sums of objectives on one model. */
package dev.culebra.objectives.multi;
