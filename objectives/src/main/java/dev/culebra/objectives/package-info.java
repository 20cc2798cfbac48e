/** From documents to batches, architectures, losses and training. */
package dev.culebra.objectives;
