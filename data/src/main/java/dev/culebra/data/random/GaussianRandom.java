package dev.culebra.data.random;

/**
 * Standard normal draws by number: equal keys give equal draws on every machine, whatever was drawn
 * before (Box and Muller 1958, over hashes).
 */
public final class GaussianRandom {

  private GaussianRandom() {}

  /**
   * Fills places of {@code target} with independent draws.
   *
   * @param key names the sequence, such as a hash of seed and sample
   * @param at the first place
   * @param count how many, from the sequence's first on
   */
  public static void fill(long key, float[] target, int at, int count) {
    for (int i = 0; i < count; i += 2) {
      // 1 - u is above 0, so the logarithm is finite.
      double u = 1 - Mix64.unit(Mix64.of(key, i));
      double angle = 2 * Math.PI * Mix64.unit(Mix64.of(key, i + 1L));
      // StrictMath: Math may differ in the last bit from one chip to the next.
      double radius = Math.sqrt(-2 * StrictMath.log(u));
      target[at + i] = (float) (radius * StrictMath.cos(angle));
      if (i + 1 < count) {
        target[at + i + 1] = (float) (radius * StrictMath.sin(angle));
      }
    }
  }
}
