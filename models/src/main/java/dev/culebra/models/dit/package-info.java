/** The diffusion transformer, DiT. */
package dev.culebra.models.dit;
