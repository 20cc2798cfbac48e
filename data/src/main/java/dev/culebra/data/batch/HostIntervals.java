package dev.culebra.data.batch;

import dev.culebra.runtime.text.Format;
import java.util.Arrays;

/**
 * The keys that each query row may see: row i sees the flattened keys {@code [start(i), end(i))}.
 *
 * <p>Causal, bidirectional, prefix, padded, packed and windowed attention are all of this form.
 * Rows are appended in order and checked as they come: both arrays are non-decreasing, and an empty
 * row is {@code [e, e)} with e the previous row's end (0 for the first). The arrays have a fixed
 * capacity and are reused from batch to batch.
 */
public final class HostIntervals {
  private final int[] starts;
  private final int[] ends;
  private final int keys;
  private int rows;

  /**
   * No rows yet.
   *
   * @param capacity the most rows
   * @param keys how many flattened keys there are; no interval ends beyond
   */
  public HostIntervals(int capacity, int keys) {
    if (capacity < 0 || keys < 0) {
      throw new IllegalArgumentException(
          "Intervals need capacity and keys of at least 0, not " + capacity + " and " + keys);
    }
    this.starts = new int[capacity];
    this.ends = new int[capacity];
    this.keys = keys;
  }

  /** Forgets all rows. */
  public void clear() {
    rows = 0;
  }

  /** Appends a row that sees {@code [start, end)}. */
  public void add(int start, int end) {
    int previousStart = rows == 0 ? 0 : starts[rows - 1];
    int previousEnd = rows == 0 ? 0 : ends[rows - 1];
    if (rows == starts.length) {
      throw new IllegalStateException("Intervals are full: " + rows + " rows");
    }
    if (start < previousStart || end < previousEnd || end > keys || start > end) {
      throw new IllegalArgumentException(
          Format.text(
              "Row %d sees [%d, %d) after [%d, %d) of %d keys: starts and ends must not decrease",
              rows, start, end, previousStart, previousEnd, keys));
    }
    if (start == end && start != previousEnd) {
      throw new IllegalArgumentException(
          Format.text(
              "Row %d is empty at %d: an empty row must stand at the previous end, %d",
              rows, start, previousEnd));
    }
    starts[rows] = start;
    ends[rows] = end;
    rows++;
  }

  /** Appends a row that sees nothing. */
  public void addEmpty() {
    int end = rows == 0 ? 0 : ends[rows - 1];
    add(end, end);
  }

  /** Appends one packed document of {@code length} rows, causal: {@code [start, i+1)}. */
  public void addCausal(int start, int length) {
    addPrefix(start, length, 0);
  }

  /** Appends one packed document of {@code length} rows that see all of it, in both directions. */
  public void addBidirectional(int start, int length) {
    addPrefix(start, length, length);
  }

  /**
   * Appends one packed document whose first {@code prefix} keys are seen by all of its rows, the
   * rest causally: {@code [start, max(start + prefix, i+1))}.
   */
  public void addPrefix(int start, int length, int prefix) {
    if (prefix < 0 || prefix > length) {
      throw new IllegalArgumentException("Prefix " + prefix + " of a document of " + length);
    }
    for (int i = start; i < start + length; i++) {
      add(start, Math.max(start + prefix, i + 1));
    }
  }

  /**
   * Appends, for each row of self-attention, the part of its interval that lies near it: from
   * {@code before} keys before the row to {@code after} keys behind it. {@code (w - 1, 0)} is a
   * causal window of w keys, {@code (w, w)} a local window to both sides.
   */
  public void addWindowed(HostIntervals whole, int before, int after) {
    if (before < 0 || after < 0) {
      throw new IllegalArgumentException("A window of -" + before + " to +" + after + " keys");
    }
    for (int i = 0; i < whole.rows; i++) {
      int start = Math.max(whole.starts[i], i - before);
      int end = (int) Math.min(whole.ends[i], (long) i + after + 1);
      if (start < end) {
        add(start, end);
      } else {
        addEmpty();
      }
    }
  }

  /** How many rows there are. */
  public int rows() {
    return rows;
  }

  /** How many flattened keys there are. */
  public int keys() {
    return keys;
  }

  /** The first key that each row sees; the first {@link #rows()} entries are meaningful. */
  public int[] starts() {
    return starts;
  }

  /** One past the last key that each row sees; the first {@link #rows()} entries are meaningful. */
  public int[] ends() {
    return ends;
  }

  @Override
  public String toString() {
    return "Intervals[starts="
        + Arrays.toString(Arrays.copyOf(starts, rows))
        + ", ends="
        + Arrays.toString(Arrays.copyOf(ends, rows))
        + "]";
  }
}
