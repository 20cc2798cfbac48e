package dev.culebra.models.nn;

import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.Norm;

/**
 * How the blocks of a {@link Transformer} are made.
 *
 * @param heads query heads
 * @param kvHeads key and value heads
 * @param headSize values per head
 * @param norm which normalisation
 * @param normFirst whether norms stand before attention and feed-forward layers, and one at the end
 *     (GPT-2), or behind each (BERT)
 * @param activation of the feed-forward layer
 * @param gated whether the feed-forward layer multiplies an activated half by the other
 * @param scale of attention scores
 */
public record TransformerShape(
    int heads,
    int kvHeads,
    int headSize,
    Norm norm,
    boolean normFirst,
    Activation activation,
    boolean gated,
    float scale) {

  /** A stack whose scores are divided by the root of the head size, with as many key heads. */
  public static TransformerShape of(
      int heads, int headSize, Norm norm, boolean normFirst, Activation activation) {
    float scale = (float) (1 / Math.sqrt(headSize));
    return new TransformerShape(heads, heads, headSize, norm, normFirst, activation, false, scale);
  }

  /** The attention of so many rows to so many. */
  Attention attention(long queries, long keys) {
    return new Attention(queries, keys, heads, kvHeads, headSize, scale);
  }
}
