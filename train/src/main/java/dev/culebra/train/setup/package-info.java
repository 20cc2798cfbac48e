/** From a recipe to data, model and objectives, or the reason why they do not go together. */
package dev.culebra.train.setup;
