package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;

/**
 * What an attention does to its scores and probabilities besides the scale and the softmax.
 *
 * @param bias added to the scaled scores, or null
 * @param dropout of the probabilities, or null
 * @param stepValues holds the seed of dropout, {@link StepValues#SEED}; null without dropout
 */
public record AttentionOptions(RelativeBias bias, Dropout dropout, Buffer stepValues) {

  /** Nothing. */
  public static final AttentionOptions NONE = new AttentionOptions(null, null, null);

  /** Checks that dropout has its seed. */
  public AttentionOptions {
    if ((dropout == null) != (stepValues == null)) {
      throw new IllegalArgumentException("dropout and the step's values belong together");
    }
  }

  /** Where the dropout of head h, query row i and key j is drawn: (h queries + i) 2^32 + j. */
  public static long dropoutIndex(long queries, long head, long query, long key) {
    return ((head * queries + query) << Integer.SIZE) + key;
  }
}
