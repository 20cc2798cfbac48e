/** From token ids to packed host batches: windows, intervals, labels, order, prefetch. */
package dev.culebra.objectives.batch;
