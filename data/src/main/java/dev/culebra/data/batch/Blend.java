package dev.culebra.data.batch;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;

/**
 * Draws from several sources in fixed proportions without chance, as Megatron's {@code
 * build_blending_indices} does: sample i comes from the source that is furthest behind, the one
 * with the greatest {@code weight * max(i, 1) - taken}; of equal ones the first.
 */
public final class Blend {
  private final double[] weights;
  private final long[] taken;
  private long samples;

  /**
   * The next sample.
   *
   * @param source which source it comes from
   * @param index how many came from that source before
   */
  public record Pick(int source, long index) {}

  /** Proportions, which need not sum to 1. */
  public Blend(double... weights) {
    double sum = Arrays.stream(weights).sum();
    if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)
        || Arrays.stream(weights).anyMatch(weight -> !(weight >= 0))) {
      throw new BadInputException(
          Format.text(
              "The weights of a blend are %s: they must be at least 0, finite and not all 0",
              Arrays.toString(weights)));
    }
    this.weights = Arrays.stream(weights).map(weight -> weight / sum).toArray();
    this.taken = new long[weights.length];
  }

  /** Picks the next sample. */
  public Pick next() {
    int best = 0;
    for (int source = 1; source < weights.length; source++) {
      if (behind(source) > behind(best)) {
        best = source;
      }
    }
    samples++;
    return new Pick(best, taken[best]++);
  }

  private double behind(int source) {
    return weights[source] * Math.max(samples, 1) - taken[source];
  }
}
