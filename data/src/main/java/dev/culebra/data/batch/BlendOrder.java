package dev.culebra.data.batch;

/**
 * Which source a sample of a {@link Blend} comes from, by the sample's number. Numbers are expected
 * to rise; an earlier one counts again from the first. One thread at a time.
 */
public final class BlendOrder {
  private final double[] weights;
  private Blend blend;
  private Blend.Pick last;
  private long picked;

  public BlendOrder(double... weights) {
    this.weights = weights.clone();
    this.blend = new Blend(weights);
  }

  /** The pick of sample {@code number}, from 0. */
  public Blend.Pick at(long number) {
    if (number < picked - 1) {
      blend = new Blend(weights);
      picked = 0;
    }
    while (picked <= number) {
      last = blend.next();
      picked++;
    }
    return last;
  }
}
