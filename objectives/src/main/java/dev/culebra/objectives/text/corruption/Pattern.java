package dev.culebra.objectives.text.corruption;

/**
 * Which rows of its own sequence a row may see: one interval {@code [start, end)} per row, neither
 * end of which ever decreases. Packing shifts the intervals to where the sequence lies.
 */
public sealed interface Pattern {

  /** A row sees itself and what is before it: {@code [0, row + 1)}. */
  Pattern CAUSAL = new Prefix(0);

  /** Every row sees the whole sequence. */
  Pattern BIDIRECTIONAL = new Bidirectional();

  /** The first row that {@code row} of {@code length} rows sees. */
  int start(int row, int length);

  /** One past the last row that {@code row} of {@code length} rows sees. */
  int end(int row, int length);

  /** See {@link #BIDIRECTIONAL}. */
  record Bidirectional() implements Pattern {
    @Override
    public int start(int row, int length) {
      return 0;
    }

    @Override
    public int end(int row, int length) {
      return length;
    }
  }

  /**
   * All rows see the first {@code visible} rows, and causally the rest: {@code [0, max(visible, row
   * + 1))}.
   */
  record Prefix(int visible) implements Pattern {
    @Override
    public int start(int row, int length) {
      return 0;
    }

    @Override
    public int end(int row, int length) {
      return Math.min(length, Math.max(visible, row + 1));
    }
  }
}
