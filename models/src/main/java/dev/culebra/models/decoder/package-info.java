/** Decoders: GPT-2 and Llama. */
package dev.culebra.models.decoder;
