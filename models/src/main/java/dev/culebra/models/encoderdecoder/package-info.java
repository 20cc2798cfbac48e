/** Encoder-decoders: T5 and BART. */
package dev.culebra.models.encoderdecoder;
