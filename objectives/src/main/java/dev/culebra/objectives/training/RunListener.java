package dev.culebra.objectives.training;

/** Hears of a run's progress. Every method is called on the thread that runs it. */
public interface RunListener {

  /**
   * What a step did.
   *
   * @param step number of the step, from 1
   * @param steps all steps
   * @param loss mean loss of the labels, in nat
   * @param learningRate of this step
   * @param gradientNorm before clipping
   * @param tokens input rows of this step
   * @param tokensPerSecond of this step
   * @param seconds since the run began
   */
  record Step(
      long step,
      long steps,
      double loss,
      double learningRate,
      double gradientNorm,
      long tokens,
      double tokensPerSecond,
      double seconds) {}

  /** Something that a person may want to know; one line. */
  default void note(String line) {}

  /** A run or its continuation begins: {@code done} of {@code steps} steps are behind it. */
  default void started(long done, long steps) {}

  /** A step is done. */
  default void step(Step step) {}

  /** Held-out loss after a step, in nat. */
  default void validated(long step, double loss, long tokens) {}

  /** A checkpoint is safely on disk. */
  default void saved(long step) {}

  /** No more steps. */
  default void finished() {}

  /** Asked after every step: whether to write a checkpoint and end the run now. */
  default boolean stop() {
    return false;
  }
}
