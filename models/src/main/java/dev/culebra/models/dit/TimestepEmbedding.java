package dev.culebra.models.dit;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * How a denoiser is told the step: cosines, then sines, of the step at frequencies from 1 down to
 * 1/10000, {@code 10000^(-i / (n - 1))} for i below n. So diffusers' DiT has it; its authors divide
 * by n, and end short of 1/10000.
 */
public final class TimestepEmbedding {
  private static final double LONGEST_PERIOD = 10_000;

  private TimestepEmbedding() {}

  /**
   * Fills {@code into} with the embedding of a step; a last odd place is 0.
   *
   * @throws BadInputException if there are fewer than four places
   */
  public static void embed(double step, float[] into) {
    int half = into.length / 2;
    if (half < 2) {
      throw new BadInputException(
          Format.text(
              "A timestep embedding of width %d has fewer than two frequencies: give at least 4",
              into.length));
    }
    for (int i = 0; i < half; i++) {
      double angle = step * Math.exp(-Math.log(LONGEST_PERIOD) * i / (half - 1));
      into[i] = (float) Math.cos(angle);
      into[half + i] = (float) Math.sin(angle);
    }
    if (into.length % 2 == 1) {
      into[into.length - 1] = 0;
    }
  }
}
