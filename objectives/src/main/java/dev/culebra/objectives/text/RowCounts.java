package dev.culebra.objectives.text;

/** How many rows samples take: what batches of them need room for. */
public final class RowCounts {
  private double sum;
  private double squares;
  private long count;
  private int most = 1;

  /** Counts a sample. */
  public void add(long rows) {
    sum += rows;
    squares += (double) rows * rows;
    count++;
    most = Math.max(most, Math.toIntExact(rows));
  }

  private double mean() {
    return sum / Math.max(1, count);
  }

  private double variance() {
    return Math.max(0, squares / Math.max(1, count) - mean() * mean());
  }

  /**
   * Room for {@code samples} drawn ones: four deviations above their expected rows, which one batch
   * in thirty thousand exceeds; the sample that finds no room is left out.
   */
  public int drawn(int samples) {
    double room = samples * mean() + 4 * Math.sqrt(samples * variance());
    return Math.toIntExact(Math.clamp(Math.round(Math.ceil(room)), most, any(samples)));
  }

  /** Room for any {@code samples}. */
  public int any(int samples) {
    return Math.multiplyExact(samples, most);
  }
}
