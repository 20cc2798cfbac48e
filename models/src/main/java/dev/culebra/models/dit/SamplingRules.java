package dev.culebra.models.dit;

import java.util.Arrays;
import java.util.List;

/**
 * What a model's {@code scheduler_config.json} says of the way from noise to an image.
 *
 * @param method how chance takes part, unless another one is asked for ({@code _class_name})
 * @param clip images that predictions imply are held to -clip..clip; infinite to leave them as they
 *     are ({@code clip_sample}, {@code clip_sample_range})
 * @param spacing which steps are taken ({@code timestep_spacing})
 * @param offset added to the steps of {@link Spacing#LEADING} ({@code steps_offset})
 * @param endsInData whether the last step of DDIM leads to the image itself, not to the first
 *     step's share of it ({@code set_alpha_to_one})
 * @param largeVariance whether DDPM draws with the variance that a step adds, not with that of the
 *     posterior ({@code variance_type} fixed_large)
 */
public record SamplingRules(
    Method method,
    double clip,
    Spacing spacing,
    int offset,
    boolean endsInData,
    boolean largeVariance) {

  /**
   * How models that are trained here are sampled: by the spacing whose steps lie closest to those
   * that diffusers' DDIM goes.
   */
  public static final SamplingRules OWN =
      new SamplingRules(Method.DDIM, 1, Spacing.TRAILING, 0, true, false);

  /** How chance takes part. */
  public enum Method {
    /** Noise is drawn at every step (Ho et al. 2020, arXiv:2006.11239). */
    DDPM,
    /** Noise is drawn at the beginning alone (Song et al. 2021, arXiv:2010.02502). */
    DDIM;

    /** The name of diffusers' class. */
    String published() {
      return this + "Scheduler";
    }
  }

  /** Which S of T steps are taken (Lin et al. 2024, arXiv:2305.08891, table 2). */
  public enum Spacing {
    /** Evenly from T - 1 to 0; a single step is 0, as numpy's linspace has it. */
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
   * steps} in all; with the rounding of numpy's linspace and arange.
   */
  public int timestep(int index, int length, int steps) {
    int left = length - 1 - index;
    return switch (spacing) {
      case LINSPACE ->
          length == 1 ? 0 : (int) Math.rint(left * ((steps - 1) / (double) (length - 1)));
      case LEADING -> left * (steps / length) + offset;
      case TRAILING -> {
        double each = (steps - (double) steps / length) - steps;
        yield (int) Math.rint(steps + index * each) - 1;
      }
    };
  }
}
