package dev.culebra.objectives.text.corruption;

import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;

/**
 * One sequence of a sample: what an encoder or a decoder reads, and what is asked of its rows.
 *
 * <p>Row r has an input id, a type (0, or 1 for the second of two texts), a label or {@link
 * #IGNORE}, and position r. It also knows which token of the original text its input shows and
 * which one its label asks for, or {@link #NOWHERE}: from these the original can be put together
 * again ({@link Example#reassemble}).
 */
public final class Sequence {
  /** The label of a row that is not scored. */
  public static final int IGNORE = CrossEntropy.IGNORE;

  /** Not a token of the original. */
  public static final int NOWHERE = -1;

  /** A sequence without rows: the side of a sample that its objective does not use. */
  public static final Sequence NONE = new Builder(0).build(Pattern.BIDIRECTIONAL);

  private final int[] ids;
  private final int[] types;
  private final int[] labels;
  private final int[] shown;
  private final int[] asked;
  private final Pattern pattern;

  private Sequence(Builder rows, Pattern pattern) {
    this.ids = Arrays.copyOf(rows.ids, rows.length);
    this.types = Arrays.copyOf(rows.types, rows.length);
    this.labels = Arrays.copyOf(rows.labels, rows.length);
    this.shown = Arrays.copyOf(rows.shown, rows.length);
    this.asked = Arrays.copyOf(rows.asked, rows.length);
    this.pattern = pattern;
  }

  /** Rows of ids of which nothing is asked. */
  public static Sequence unasked(int[] ids, Pattern pattern) {
    Builder rows = new Builder(ids.length);
    for (int id : ids) {
      rows.add(id, NOWHERE);
    }
    return rows.build(pattern);
  }

  /** How many rows there are. */
  public int length() {
    return ids.length;
  }

  /** The input id of a row. */
  public int id(int row) {
    return ids[row];
  }

  /** All input ids. */
  public int[] ids() {
    return ids.clone();
  }

  /** The type of a row: 0, or 1 in the second of two texts. */
  public int type(int row) {
    return types[row];
  }

  /** The id to predict at a row, or {@link #IGNORE}. */
  public int label(int row) {
    return labels[row];
  }

  /** All labels. */
  public int[] labels() {
    return labels.clone();
  }

  /** How many rows are scored. */
  public int labelCount() {
    return Math.toIntExact(Arrays.stream(labels).filter(label -> label != IGNORE).count());
  }

  /** The token of the original that a row's input shows, or {@link #NOWHERE}. */
  public int shown(int row) {
    return shown[row];
  }

  /** The token of the original that a row's label asks for, or {@link #NOWHERE}. */
  public int asked(int row) {
    return asked[row];
  }

  /** Which rows each row sees. */
  public Pattern pattern() {
    return pattern;
  }

  /** The first row that a row sees. */
  public int start(int row) {
    return pattern.start(row, ids.length);
  }

  /** One past the last row that a row sees. */
  public int end(int row) {
    return pattern.end(row, ids.length);
  }

  @Override
  public String toString() {
    return Format.text(
        "Sequence[ids=%s, labels=%s, %s]", Arrays.toString(ids), Arrays.toString(labels), pattern);
  }

  /** Rows in the making. */
  static final class Builder {
    private int[] ids;
    private int[] types;
    private int[] labels;
    private int[] shown;
    private int[] asked;
    private int length;

    Builder(int expected) {
      ids = new int[expected];
      types = new int[expected];
      labels = new int[expected];
      shown = new int[expected];
      asked = new int[expected];
    }

    /** How many rows there are so far. */
    int length() {
      return length;
    }

    /** A row that shows token {@code origin} of the original, or none; nothing is asked of it. */
    Builder add(int id, int origin) {
      return add(id, origin, 0, IGNORE, NOWHERE);
    }

    Builder add(int id, int origin, int type, int label, int asked) {
      if (length == ids.length) {
        grow();
      }
      ids[length] = id;
      types[length] = type;
      labels[length] = label;
      shown[length] = origin;
      this.asked[length] = asked;
      length++;
      return this;
    }

    /** Asks row {@code row} for {@code label}, which is token {@code origin} of the original. */
    void ask(int row, int label, int origin) {
      labels[row] = label;
      asked[row] = origin;
    }

    /** Puts another id into a row, which then shows no token of the original. */
    void replace(int row, int id) {
      ids[row] = id;
      shown[row] = NOWHERE;
    }

    private void grow() {
      int capacity = Math.addExact(Math.max(8, ids.length), ids.length);
      ids = Arrays.copyOf(ids, capacity);
      types = Arrays.copyOf(types, capacity);
      labels = Arrays.copyOf(labels, capacity);
      shown = Arrays.copyOf(shown, capacity);
      asked = Arrays.copyOf(asked, capacity);
    }

    Sequence build(Pattern pattern) {
      return new Sequence(this, pattern);
    }
  }

  /** The rows of this sequence, to be changed. */
  Builder toBuilder() {
    Builder rows = new Builder(ids.length);
    for (int r = 0; r < ids.length; r++) {
      rows.add(ids[r], shown[r], types[r], labels[r], asked[r]);
    }
    return rows;
  }
}
