package dev.culebra.objectives.training;

import java.nio.file.Path;

/** A training run in a folder. */
public final class Run {

  private Run() {}

  /**
   * What became of a run.
   *
   * @param steps steps done
   * @param completed whether those are all; false after an interrupt
   * @param model the model folder
   * @param validationLoss over all held-out tokens, in nat; NaN if interrupted
   * @param sample text that the model wrote
   */
  public record Summary(
      long steps, boolean completed, Path model, double validationLoss, String sample) {}
}
