package dev.culebra.test.run;

import dev.culebra.train.run.RunListener;

/** What a child process prints of its run: a line per step and per checkpoint. */
final class ChildLines implements RunListener {

  /** The last line of a child that came to its end. */
  static final String DONE = "done";

  @Override
  public void step(Step step) {
    System.out.println("step " + step.step());
  }

  @Override
  public void saved(long step) {
    System.out.println("saved " + step);
  }
}
