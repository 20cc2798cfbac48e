package dev.culebra.models.decoder;

import dev.culebra.runtime.kernel.Norm;

/** The published decoders whose design, parameter names and initialisation can be chosen. */
public enum DecoderFamily {
  /** Learned positions, layer norm, GELU, biases, tied head (Radford et al. 2019). */
  GPT2("gpt2", Norm.Kind.LAYER),
  /** Rotary positions, RMS norm, SwiGLU, grouped queries, no biases (Touvron et al. 2023). */
  LLAMA("llama", Norm.Kind.RMS);

  private final String id;
  private final Norm.Kind norm;

  DecoderFamily(String id, Norm.Kind norm) {
    this.id = id;
    this.norm = norm;
  }

  /** The name in recipes, and {@code model_type} in {@code config.json}. */
  public String id() {
    return id;
  }

  /** Which normalisation it uses. */
  public Norm.Kind norm() {
    return norm;
  }

  /** Whether positions turn queries and keys, instead of being learned. */
  public boolean rotary() {
    return this == LLAMA;
  }

  /** Whether the feed-forward layer is gated. */
  public boolean gated() {
    return this == LLAMA;
  }

  /** Whether linear layers and norms have biases. */
  public boolean biases() {
    return this == GPT2;
  }

  /** Whether several query heads may share a key head. */
  public boolean groupedQueries() {
    return this == LLAMA;
  }

  /** Whether the output matrix may differ from the embedding. */
  public boolean untiedHead() {
    return this == LLAMA;
  }

  /** Whether weights lie as outputs x inputs, as {@code nn.Linear} keeps them. */
  public boolean outputsFirst() {
    return this == LLAMA;
  }

  /** The usual feed-forward width: 4 C, or 8/3 C rounded up to a multiple of 32 where gated. */
  public int hidden(int width) {
    return gated() ? Math.ceilDiv(Math.multiplyExact(8, width), 96) * 32 : 4 * width;
  }
}
