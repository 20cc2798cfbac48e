package dev.culebra.cli;

import java.io.PrintWriter;
import java.time.Duration;

/** Plain lines: the first step, the last one, and one every few seconds. */
final class ProgressLinesView implements ProgressView {

  private static final long INTERVAL = Duration.ofSeconds(5).toNanos();

  private final PrintWriter err;
  private long begun;
  private long first;
  private long steps;
  private long shown;

  ProgressLinesView(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void begin(String task, long done, long steps) {
    this.begun = System.nanoTime();
    this.first = done;
    this.steps = steps;
    this.shown = begun - INTERVAL;
  }

  @Override
  public void step(long done, String details) {
    long now = System.nanoTime();
    if (now - shown >= INTERVAL || done == steps) {
      shown = now;
      double left = (double) (now - begun) / (done - first) * (steps - done);
      String remaining = ProgressView.clock(Duration.ofNanos((long) left));
      line("step " + done + "/" + steps + "  " + details + "  left " + remaining);
    }
  }

  @Override
  public void line(String line) {
    err.println(line);
    err.flush();
  }

  @Override
  public void close() {}
}
