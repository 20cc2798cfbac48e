/** Transformers: their shapes, their presets down to parameter names, and their forward passes. */
package dev.culebra.objectives.architecture;
