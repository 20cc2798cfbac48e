package dev.culebra.models.nn;

/**
 * The weights of one block of a {@link Transformer}.
 *
 * @param attentionNorm before or after self-attention
 * @param qkv queries, keys and values side by side
 * @param out back into the residual stream
 * @param cross attention to another sequence, or null
 * @param mlpNorm before or after the feed-forward layer
 * @param up the first feed-forward matrix; gate and up together in gated designs
 * @param down the second
 */
public record Block(
    NormLayer attentionNorm,
    Linear qkv,
    Linear out,
    Cross cross,
    NormLayer mlpNorm,
    Linear up,
    Linear down) {

  /**
   * Attention to another sequence.
   *
   * @param q queries of this sequence
   * @param kv keys and values of the other, side by side
   */
  public record Cross(NormLayer norm, Linear q, Linear kv, Linear out) {}
}
