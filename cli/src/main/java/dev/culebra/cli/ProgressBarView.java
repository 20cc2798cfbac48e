package dev.culebra.cli;

import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar in the last line of a terminal; other lines scroll above it. */
final class ProgressBarView implements ProgressView {

  private static final int REFRESH_MILLISECONDS = 200;

  private final LastLine lastLine;
  private ProgressBar bar;

  ProgressBarView(PrintWriter err, int columns) {
    this.lastLine = new LastLine(err, columns);
  }

  @Override
  public void begin(String task, long done, long steps) {
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .startsFrom(done, Duration.ZERO)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(REFRESH_MILLISECONDS)
            .setConsumer(lastLine)
            .build();
  }

  @Override
  public void step(long done, String details) {
    bar.setExtraMessage(details);
    bar.stepTo(done);
  }

  @Override
  public void line(String line) {
    lastLine.above(line);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      lastLine.close();
      bar = null;
    }
  }

  /** The terminal's last line, which the bar's own thread and the caller's both write. */
  private static final class LastLine implements ProgressBarConsumer {

    private static final String ERASE = "\r\u001B[K";

    private final PrintWriter err;
    private final int columns;
    private String bar = "";
    private boolean closed;

    LastLine(PrintWriter err, int columns) {
      this.err = err;
      this.columns = columns;
    }

    @Override
    public int getMaxRenderedLength() {
      return columns - 1;
    }

    @Override
    public synchronized void accept(String rendered) {
      if (closed) {
        return; // the bar's thread was late
      }
      bar = rendered;
      err.print(ERASE + bar);
      err.flush();
    }

    synchronized void above(String line) {
      err.print(bar.isEmpty() ? line + "\n" : ERASE + line + "\n" + bar);
      err.flush();
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        bar = "";
        err.println();
        err.flush();
      }
    }
  }
}
