package dev.culebra.objectives.corruption;

import java.util.Arrays;
import java.util.List;

/**
 * What a model's {@code scheduler_config.json} says of the way from noise to an image.
 *
 * @param clip images that predictions imply are held to -clip..clip; infinite to leave them as they
 *     are ({@code clip_sample}, {@code clip_sample_range})
 * @param spacing which steps are taken ({@code timestep_spacing})
 * @param offset added to the steps of {@link Spacing#LEADING} ({@code steps_offset})
 * @param endsInData whether the last step of DDIM leads to the image itself, not to the first
 *     step's share of it ({@code set_alpha_to_one})
 */
public record SamplingRules(double clip, Spacing spacing, int offset, boolean endsInData) {

  /** How models that are trained here are sampled. */
  public static final SamplingRules OWN = new SamplingRules(1, Spacing.LINSPACE, 0, true);

  /** Which S of T steps are taken (Lin et al. 2024, arXiv:2305.08891, table 2). */
  public enum Spacing {
    /** Evenly from T - 1 to 0; a single step is T - 1, from where the image is far. */
    LINSPACE("linspace"),
    /** Every (T / S)th from 0 on, T / S rounded down. */
    LEADING("leading"),
    /** Every (T / S)th back from T - 1. */
    TRAILING("trailing");

    private final String published;

    Spacing(String published) {
      this.published = published;
    }

    /** Its name in diffusers. */
    public String published() {
      return published;
    }

    /** The names of all. */
    static List<String> names() {
      return Arrays.stream(values()).map(Spacing::published).toList();
    }

    /** The spacing of a name. */
    static Spacing of(String published) {
      return Arrays.stream(values())
          .filter(one -> one.published.equals(published))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(published));
    }
  }

  /**
   * The step of the process that is taken at place {@code index} of {@code length}, of {@code
   * steps} in all; numpy's rounding.
   */
  public int timestep(int index, int length, int steps) {
    int left = length - 1 - index;
    return switch (spacing) {
      case LINSPACE ->
          length == 1 ? steps - 1 : (int) Math.rint(left * (steps - 1.0) / (length - 1));
      case LEADING -> left * (steps / length) + offset;
      case TRAILING -> (int) Math.rint(steps - index * ((double) steps / length)) - 1;
    };
  }
}
