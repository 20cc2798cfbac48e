package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Rows that cannot be used: left out and counted up to a share of all rows, an error beyond it.
 * Rows that say nothing are left out and counted, too, however many they are.
 *
 * <p>One bad row is always borne, in however small a file, unless the share is 0. Whether there are
 * too many is judged at the end of the data. One object serves one pass over it.
 */
public final class BadRows {
  /** The share that is borne unless another is set: 1 %. */
  public static final double DEFAULT_SHARE = 0.01;

  private static final int MOST_NAMED = 3;

  private final double share;
  private final boolean files;
  private final List<String> named = new ArrayList<>();
  private long rows;
  private long bad;
  private long empty;

  /** Bears {@link #DEFAULT_SHARE} of bad rows, and no fault of a whole file. */
  public BadRows() {
    this(DEFAULT_SHARE, false);
  }

  /**
   * Bears a share of bad rows that somebody set: texts of a folder are rows, too, even if such a
   * file is of another encoding.
   *
   * @param share from 0 (none) to 1 (all but one)
   * @throws BadInputException if it is outside of that
   */
  public BadRows(double share) {
    this(share, true);
  }

  private BadRows(double share, boolean files) {
    if (!(share >= 0 && share <= 1)) {
      throw new BadInputException(
          Format.text("The share of bad rows must be from 0 to 1, not %s", share));
    }
    this.share = share;
    this.files = files;
  }

  /**
   * The rows that {@code reading} returns, each one counted; none, and a bad one counted, if it
   * throws.
   *
   * @throws FileFault if it does, for that is no row's
   */
  <T> List<T> take(Supplier<List<T>> reading) {
    try {
      List<T> good = reading.get();
      rows += good.size();
      return good;
    } catch (FileFault e) {
      throw e;
    } catch (EmptyText e) {
      rows++;
      empty++;
      name(e);
      return List.of();
    } catch (BadInputException e) {
      rows++;
      count(e);
      return List.of();
    }
  }

  /** The same where the row is a file of a folder: its fault is one row's if somebody said so. */
  <T> List<T> takeFile(Supplier<List<T>> reading) {
    return take(
        () -> {
          try {
            return reading.get();
          } catch (FileFault e) {
            throw files
                ? new BadInputException(e.getMessage(), e)
                : new FileFault(
                    e.getMessage() + ", or set data.badRows to leave out some such files");
          }
        });
  }

  /** Gives on what a row that is counted already leads to; counts it as bad if that throws. */
  <T> void follow(Supplier<T> reading, Consumer<T> sink) {
    T good;
    try {
      good = reading.get();
    } catch (BadInputException e) {
      count(e);
      return;
    }
    sink.accept(good);
  }

  private void count(BadInputException e) {
    bad++;
    name(e);
  }

  private void name(BadInputException e) {
    if (named.size() < MOST_NAMED) {
      named.add(e.getMessage());
    }
  }

  /**
   * Ends the pass.
   *
   * @param what the rows' name in messages, in the plural
   * @throws BadInputException if too many rows were bad, or none was good
   */
  void finish(String what) {
    if (rows == bad + empty) {
      throw new BadInputException(
          rows == 0
              ? Format.text("There are no %s to read", what)
              : Format.text("None of %s can be used: %s", Format.count(rows, what), reasons()));
    }
    long borne = share == 0 ? 0 : Math.max(1, (long) (share * rows));
    if (bad > borne) {
      throw new BadInputException(
          Format.text(
              "%,d of %s cannot be used, and %,d would be borne: %s",
              bad, Format.count(rows, what), borne, reasons()));
    }
  }

  /** How many rows there were: good, bad and empty. */
  public long rows() {
    return rows;
  }

  /** How many rows could not be used. */
  public long bad() {
    return bad;
  }

  /** What was left out and why, in one line; empty if nothing was. */
  public String summary() {
    return bad + empty == 0
        ? ""
        : Format.text("%,d of %s left out: %s", bad + empty, Format.count(rows, "rows"), reasons());
  }

  /** Says what was left out, if anything was. */
  public void tell(Consumer<String> notes) {
    if (bad + empty > 0) {
      notes.accept(summary());
    }
  }

  private String reasons() {
    return String.join("; ", named) + (bad + empty > named.size() ? "; ..." : "");
  }
}
