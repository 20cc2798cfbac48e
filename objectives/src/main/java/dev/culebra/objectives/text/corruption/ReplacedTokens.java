package dev.culebra.objectives.text.corruption;

import dev.culebra.runtime.text.Format;

/**
 * Replaced token detection (Clark et al. 2020): where the generator was asked, its samples stand in
 * the discriminator's input, which says of every token whether it was replaced.
 */
public final class ReplacedTokens {
  private final int[] ids;
  private final int[] replaced;

  private ReplacedTokens(int[] ids, int[] replaced) {
    this.ids = ids;
    this.replaced = replaced;
  }

  /** The discriminator's input. */
  public int[] ids() {
    return ids.clone();
  }

  /**
   * The discriminator's labels: 1 where the input differs from the original, 0 elsewhere. A sample
   * that hits the original counts as original.
   */
  public int[] replaced() {
    return replaced.clone();
  }

  /**
   * Puts samples into a text.
   *
   * @param masked the generator's sample
   * @param original the ids before masking, one per row
   * @param samples what the generator drew for its labelled rows, in their order
   */
  public static ReplacedTokens of(Sequence masked, int[] original, int[] samples) {
    if (original.length != masked.length() || samples.length != masked.labelCount()) {
      throw new IllegalArgumentException(
          Format.text(
              "%d originals and %d samples for %d rows, %d of them asked",
              original.length, samples.length, masked.length(), masked.labelCount()));
    }
    int[] ids = original.clone();
    int[] replaced = new int[ids.length];
    int next = 0;
    for (int row = 0; row < ids.length; row++) {
      if (masked.label(row) != Sequence.IGNORE) {
        ids[row] = samples[next++];
        replaced[row] = ids[row] == original[row] ? 0 : 1;
      }
    }
    return new ReplacedTokens(ids, replaced);
  }
}
