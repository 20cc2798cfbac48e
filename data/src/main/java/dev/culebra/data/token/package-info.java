/** From text to token ids: byte-level BPE, {@code tokenizer.json}, memory-mapped shards, splits. */
package dev.culebra.data.token;
