package dev.culebra.cli;

import dev.culebra.runtime.text.Format;
import java.io.PrintWriter;
import java.time.Duration;

/** Shows how far long work is: a bar on a terminal, plain lines elsewhere. */
interface ProgressView extends AutoCloseable {

  /** Work begins; {@code done} of {@code steps} steps are behind it. */
  void begin(String task, long done, long steps);

  /** So many steps are done; {@code details} describes the last one. */
  void step(long done, String details);

  /** Something to be read, whatever the progress. */
  void line(String line);

  /** No more progress; what was shown stays. Idempotent. */
  @Override
  void close();

  /**
   * The view that fits: the launcher sets the property {@code culebra.columns} if standard error is
   * a terminal.
   */
  static ProgressView on(PrintWriter err) {
    int columns = Integer.getInteger("culebra.columns", 0);
    return columns > 0 ? new ProgressBarView(err, columns) : new ProgressLinesView(err);
  }

  /** Shows nothing: the work shows itself. */
  static ProgressView none() {
    return new ProgressView() {
      @Override
      public void begin(String task, long done, long steps) {}

      @Override
      public void step(long done, String details) {}

      @Override
      public void line(String line) {}

      @Override
      public void close() {}
    };
  }

  /** A duration for people: {@code 0:07}, {@code 12:34}, {@code 1:02:03}. */
  static String clock(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 3600
        ? Format.text("%d:%02d", seconds / 60, seconds % 60)
        : Format.text("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
