package dev.culebra.data.batch;

import dev.culebra.runtime.kernel.CrossEntropy;
import java.util.Arrays;

/**
 * One packed micro-batch on the host: {@code sequences x context} rows, flattened, in arrays of
 * fixed size that are filled again and again (nothing is allocated after construction).
 *
 * <p>Row r holds an input id, its type and position, the interval of flattened keys it may see, and
 * a label or {@link #IGNORE}. A segment is a run of rows that belong to one piece of one document;
 * a run of padding is a segment of its own. Building goes {@link #begin}, then {@link
 * #beginSegment} and {@link #add} for each segment, {@link #pad}, and {@link #finish}. All arrays
 * are int32, indexed by flattened row.
 */
public final class Batch {
  /** The label of a row that is not scored. */
  public static final int IGNORE = CrossEntropy.IGNORE;

  /** What fills {@link #labelPositions()} after the last labelled row: no gather, no scatter. */
  public static final int NO_POSITION = -1;

  private final int sequences;
  private final int context;
  private final int[] ids;
  private final int[] types;
  private final int[] positions;
  private final int[] labels;
  private final int[] labelPositions;
  private final int[] segmentStarts;
  private final HostIntervals attention;
  private int rows;
  private int labelCount;
  private int segments;

  /** An empty batch with room for {@code sequences} sequences of {@code context} rows each. */
  public Batch(int sequences, int context) {
    if (sequences < 1 || context < 1) {
      throw new IllegalArgumentException(
          "A batch needs at least one sequence and one row, not " + sequences + " x " + context);
    }
    this.sequences = sequences;
    this.context = context;
    int capacity = Math.multiplyExact(sequences, context);
    this.ids = new int[capacity];
    this.types = new int[capacity];
    this.positions = new int[capacity];
    this.labels = new int[capacity];
    this.labelPositions = new int[capacity];
    this.segmentStarts = new int[Math.addExact(capacity, 1)];
    this.attention = new HostIntervals(capacity, capacity);
    begin();
    finish();
  }

  /** Empties the batch. */
  public void begin() {
    rows = 0;
    labelCount = 0;
    segments = 0;
    attention.clear();
  }

  /** The next rows belong to a new segment, which may see nothing before it unless told. */
  public void beginSegment() {
    segmentStarts[segments++] = rows;
  }

  /**
   * Appends a row.
   *
   * @param id the input token
   * @param position its position, for learned or rotary embeddings
   * @param start the first flattened key it sees
   * @param end one past the last flattened key it sees
   * @param label the id to predict here, or {@link #IGNORE}
   */
  public void add(int id, int position, int start, int end, int label) {
    add(id, 0, position, start, end, label);
  }

  /** Appends a row of a type: 0, or 1 in the second of two texts. */
  public void add(int id, int type, int position, int start, int end, int label) {
    attention.add(start, end);
    ids[rows] = id;
    types[rows] = type;
    positions[rows] = position;
    labels[rows] = label;
    if (label != IGNORE) {
      labelPositions[labelCount++] = rows;
    }
    rows++;
  }

  /** Appends a segment of {@code count} rows of {@code id} that see nothing and are not scored. */
  public void pad(int id, int count) {
    if (count > 0) {
      beginSegment();
    }
    for (int i = 0; i < count; i++) {
      attention.addEmpty();
      ids[rows] = id;
      types[rows] = 0;
      positions[rows] = 0;
      labels[rows] = IGNORE;
      rows++;
    }
  }

  /** Ends the batch: closes the last segment and fills the unused label positions. */
  public void finish() {
    segmentStarts[segments] = rows;
    Arrays.fill(labelPositions, labelCount, labelPositions.length, NO_POSITION);
  }

  /** How many sequences fit. */
  public int sequences() {
    return sequences;
  }

  /** How many rows a sequence has. */
  public int context() {
    return context;
  }

  /** The most rows: {@code sequences x context}. */
  public int capacity() {
    return ids.length;
  }

  /** How many rows there are, padding included. Sources of causal LM always fill the capacity. */
  public int rows() {
    return rows;
  }

  /** The input ids, one per row. */
  public int[] ids() {
    return ids;
  }

  /** The types, one per row: 1 in the second of two texts, 0 elsewhere. */
  public int[] types() {
    return types;
  }

  /** The positions, one per row, below {@link #context()}. */
  public int[] positions() {
    return positions;
  }

  /** The labels, one per row; {@link #IGNORE} where nothing is scored. */
  public int[] labels() {
    return labels;
  }

  /** The intervals of self-attention, one per row. */
  public HostIntervals attention() {
    return attention;
  }

  /**
   * The rows that carry a label, ascending, then {@link #NO_POSITION} up to the capacity; the first
   * {@link #labelCount()} entries are rows.
   */
  public int[] labelPositions() {
    return labelPositions;
  }

  /** How many rows carry a label. */
  public int labelCount() {
    return labelCount;
  }

  /** How many segments there are. */
  public int segments() {
    return segments;
  }

  /**
   * The first row of each segment, then the number of rows: {@code segments() + 1} entries, the
   * cumulative lengths that others call {@code cu_seqlens}.
   */
  public int[] segmentStarts() {
    return segmentStarts;
  }
}
