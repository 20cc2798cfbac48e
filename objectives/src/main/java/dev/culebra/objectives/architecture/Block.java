package dev.culebra.objectives.architecture;

/**
 * The weights of one block of a {@link Stack}.
 *
 * @param attentionNorm before or after self-attention
 * @param qkv queries, keys and values side by side
 * @param out back into the residual stream
 * @param cross attention to another sequence, or null
 * @param mlpNorm before or after the feed-forward layer
 * @param up the first feed-forward matrix; gate and up together in gated designs
 * @param down the second
 */
record Block(
    Gain attentionNorm, Linear qkv, Linear out, Cross cross, Gain mlpNorm, Linear up, Linear down) {

  /**
   * Attention to another sequence.
   *
   * @param q queries of this sequence
   * @param kv keys and values of the other, side by side
   */
  record Cross(Gain norm, Linear q, Linear kv, Linear out) {}
}
