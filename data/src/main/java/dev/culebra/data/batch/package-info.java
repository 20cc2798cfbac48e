/** From token ids to batches on the host: windows, order, blending, prefetch. */
package dev.culebra.data.batch;
