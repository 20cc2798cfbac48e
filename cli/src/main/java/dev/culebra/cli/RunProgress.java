package dev.culebra.cli;

import dev.culebra.objectives.Units;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.run.RunListener;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** Shows a run's progress, and remembers what its summary needs. */
final class RunProgress implements RunListener {

  private static final int REMEMBERED = 4096;

  private static final int AVERAGED = 50;

  private final ProgressView view;
  private final String device;
  private final Runnable onStart;
  private final BooleanSupplier stop;
  private final double[] speeds = new double[REMEMBERED];
  private final double[] losses = new double[AVERAGED];
  private Units units;
  private long steps;

  /**
   * A listener.
   *
   * @param device what was chosen and why, said once the run's model is there
   * @param onStart runs when steps begin
   * @param stop asked after each step whether the run shall stop
   */
  RunProgress(ProgressView view, String device, Runnable onStart, BooleanSupplier stop) {
    this.view = view;
    this.device = device;
    this.onStart = onStart;
    this.stop = stop;
  }

  @Override
  public void note(String line) {
    view.line(line);
  }

  @Override
  public void opened(String model) {
    note("device      " + device);
    RunListener.super.opened(model);
  }

  @Override
  public void started(long done, long all, Units of) {
    units = of;
    onStart.run();
    view.begin("train", done, all);
  }

  @Override
  public void step(Step step) {
    speeds[(int) (steps % REMEMBERED)] = step.inputsPerSecond();
    losses[(int) (steps % AVERAGED)] = step.loss();
    steps++;
    view.step(
        step.step(),
        String.format(
            Locale.ROOT,
            "loss %.3f  %,.0f %s/s",
            step.loss(),
            step.inputsPerSecond(),
            units.inputs()));
  }

  @Override
  public void validated(long step, double loss, long labels) {
    view.line(
        String.format(
            Locale.ROOT,
            "step %d: validation loss %.4f (%s)",
            step,
            loss,
            Format.count(labels, units.labels())));
  }

  @Override
  public void saved(long step) {
    view.line("step " + step + ": checkpoint saved");
  }

  @Override
  public boolean stop() {
    return stop.getAsBoolean();
  }

  @Override
  public void finished() {
    view.close();
  }

  /** What the run counts and measures in; null before it has started. */
  Units units() {
    return units;
  }

  /** The mean loss of the last steps; NaN if there was none. */
  double meanLoss() {
    return Arrays.stream(losses, 0, (int) Math.min(steps, AVERAGED)).average().orElse(Double.NaN);
  }

  /** The median of inputs per second over the last steps; NaN if there was none. */
  double medianSpeed() {
    int count = (int) Math.min(steps, REMEMBERED);
    double[] sorted = Arrays.copyOf(speeds, count);
    Arrays.sort(sorted);
    return count == 0 ? Double.NaN : sorted[count / 2];
  }
}
