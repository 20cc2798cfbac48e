package dev.culebra.data.random;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;

/** Probabilities of the indices 0, 1, 2, ..., in proportion to what was given. */
public final class Probabilities {
  private final double[] cumulative;

  /**
   * Weights, which need not sum to 1.
   *
   * @throws BadInputException if there are none, one is negative or not finite, or all are 0
   */
  public Probabilities(double... weights) {
    double sum = Arrays.stream(weights).sum();
    if (!(sum > 0 && sum < Double.POSITIVE_INFINITY)
        || Arrays.stream(weights).anyMatch(weight -> !(weight >= 0))) {
      throw new BadInputException(
          Format.text(
              "The weights %s are no probabilities: they must be at least 0, finite and not all 0",
              Arrays.toString(weights)));
    }
    this.cumulative = new double[weights.length];
    double below = 0;
    for (int i = 0; i < weights.length; i++) {
      below += weights[i] / sum;
      cumulative[i] = below;
    }
  }

  /**
   * The lengths of spans as fairseq draws them: Poisson probabilities up to the first one below
   * 1e-7, at most 128 of them, normalised again.
   */
  public static Probabilities poisson(double mean) {
    double[] weights = new double[128];
    double term = Math.exp(-mean);
    for (int k = 0; k < weights.length; k++) {
      weights[k] = term;
      if (term < 1e-7 && k > mean) {
        return new Probabilities(Arrays.copyOf(weights, k + 1));
      }
      term *= mean / (k + 1);
    }
    return new Probabilities(weights);
  }

  /** How many indices there are. */
  public int size() {
    return cumulative.length;
  }

  /** The probability of an index. */
  public double probability(int index) {
    return cumulative[index] - (index == 0 ? 0 : cumulative[index - 1]);
  }

  /** The index whose share of [0, 1) holds {@code unit}; never one of weight 0. */
  public int at(double unit) {
    for (int i = 0; i < cumulative.length; i++) {
      if (unit < cumulative[i]) {
        return i;
      }
    }
    int last = cumulative.length - 1; // the sum fell short of 1 by rounding
    while (probability(last) == 0) {
      last--;
    }
    return last;
  }
}
