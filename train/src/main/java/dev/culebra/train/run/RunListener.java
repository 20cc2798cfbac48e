package dev.culebra.train.run;

import dev.culebra.objectives.Units;

/** Hears of a run's progress. Every method is called on the thread that runs it. */
public interface RunListener {

  /**
   * What a step did.
   *
   * @param step number of the step, from 1
   * @param steps all steps
   * @param loss mean loss of the labels
   * @param learningRate of this step
   * @param gradientNorm before clipping
   * @param inputs tokens, pairs or images of this step
   * @param inputsPerSecond of this step
   * @param seconds since the run began
   */
  record Step(
      long step,
      long steps,
      double loss,
      double learningRate,
      double gradientNorm,
      long inputs,
      double inputsPerSecond,
      double seconds) {}

  /** Something that a person may want to know; one line. */
  default void note(String line) {}

  /**
   * Data and model are there, and nothing of the recipe can be refused any more.
   *
   * @param model what it is, in one line
   */
  default void opened(String model) {
    note("model       " + model);
  }

  /**
   * A run or its continuation begins.
   *
   * @param done how many of the steps are behind it
   * @param units of all that follows
   */
  default void started(long done, long steps, Units units) {}

  /** A step is done. */
  default void step(Step step) {}

  /** Held-out loss after a step, over so many labels. */
  default void validated(long step, double loss, long labels) {}

  /** A checkpoint is safely on disk. */
  default void saved(long step) {}

  /** No more steps. */
  default void finished() {}

  /** Asked after every step: whether to write a checkpoint and end the run now. */
  default boolean stop() {
    return false;
  }
}
