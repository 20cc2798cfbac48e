/** What a model learns from a batch: a loss, and the inputs of a batch on a device. */
package dev.culebra.objectives;
