/** Diffusion of images: noise, its schedule, the loss, and sampling. */
package dev.culebra.objectives.diffusion;
