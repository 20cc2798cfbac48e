/** Layers that the families share: linear layers, norms, the transformer and what its rows see. */
package dev.culebra.models.nn;
