package dev.culebra.models.nn;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * The frequencies by which rotary positions turn queries and keys (Su et al. 2021,
 * arXiv:2104.09864).
 *
 * @param theta the base: pair j of a head of D values turns by theta^(-2j/D) per position
 * @param scaling how these are changed for texts longer than those of pretraining
 */
public record Rotary(double theta, Scaling scaling) {

  public static final String DEFAULT = "default";
  public static final String LINEAR = "linear";
  public static final String LLAMA3 = "llama3";
  public static final String ORIGINAL_CONTEXT = "original_max_position_embeddings";

  /** How frequencies are changed, by the names of {@code rope_type} in transformers. */
  public sealed interface Scaling {

    /** A frequency, in radians per position, for that one. */
    double apply(double frequency);
  }

  /** {@code default}: not at all. */
  public record None() implements Scaling {
    @Override
    public double apply(double frequency) {
      return frequency;
    }
  }

  /**
   * {@code linear}: all are slower (Chen et al. 2023, arXiv:2306.15595).
   *
   * @param factor by how much
   */
  public record Linear(double factor) implements Scaling {
    @Override
    public double apply(double frequency) {
      return frequency / factor;
    }
  }

  /**
   * {@code llama3}: only those that turn seldom within the context of pretraining are slower (Llama
   * 3.1, as transformers computes it).
   *
   * @param factor by how much
   * @param low up to so many turns within the context the whole factor counts
   * @param high from so many turns on none of it
   * @param context positions of the texts of pretraining
   */
  public record Llama3(double factor, double low, double high, int context) implements Scaling {

    /** Refuses a range that is none. */
    public Llama3 {
      if (!(high > low)) {
        throw new BadInputException(
            Format.text(
                "high_freq_factor %s of the rotary positions must be above low_freq_factor %s",
                high, low));
      }
    }

    @Override
    public double apply(double frequency) {
      double turns = context * frequency / (2 * Math.PI);
      double share = Math.clamp((turns - low) / (high - low), 0, 1);
      return (1 - share) * frequency / factor + share * frequency;
    }
  }

  /** Refuses a base that is none. */
  public Rotary {
    if (!(theta > 0)) {
      throw new BadInputException("model.ropeTheta must be positive, not " + theta);
    }
  }

  /** The frequencies of a base, unchanged. */
  public static Rotary of(double theta) {
    return new Rotary(theta, new None());
  }

  /** Radians per position, for each pair of a head's values. */
  public double[] frequencies(int headSize) {
    double[] frequencies = new double[headSize / 2];
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = scaling.apply(StrictMath.pow(theta, -2.0 * j / headSize));
    }
    return frequencies;
  }
}
