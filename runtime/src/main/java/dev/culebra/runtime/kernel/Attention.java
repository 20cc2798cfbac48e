package dev.culebra.runtime.kernel;

/**
 * The shape of an attention.
 *
 * <p>Queries are rows of {@code heads * headSize} values, keys and values rows of {@code kvHeads *
 * headSize}. Query head h reads key and value head {@code h / (heads / kvHeads)} (Ainslie et al.
 * 2023, arXiv:2305.13245).
 *
 * @param queries rows of queries, all sequences flattened
 * @param keys rows of keys and values, all sequences flattened
 * @param heads query heads
 * @param kvHeads key and value heads; divides {@code heads}
 * @param headSize values per head
 * @param scale factor of the dot products, positive, usually 1 / sqrt(headSize)
 */
public record Attention(
    long queries, long keys, int heads, int kvHeads, int headSize, float scale) {

  /** Checks the shape. */
  public Attention {
    if (queries < 0 || keys < 0 || heads < 1 || kvHeads < 1 || headSize < 1) {
      throw new IllegalArgumentException(
          "attention needs positive sizes, not "
              + queries
              + " queries, "
              + keys
              + " keys, "
              + heads
              + " heads, "
              + kvHeads
              + " key heads, head size "
              + headSize);
    }
    if (!(scale > 0 && scale < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("attention needs a positive scale, not " + scale);
    }
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          kvHeads + " key and value heads do not divide " + heads + " heads");
    }
  }
}
