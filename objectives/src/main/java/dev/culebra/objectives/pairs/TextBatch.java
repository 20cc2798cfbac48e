package dev.culebra.objectives.pairs;

import dev.culebra.data.batch.Batch;
import dev.culebra.objectives.text.corruption.Sequence;

/**
 * Texts packed into the rows of one {@link Batch}, with the rows of each. Rows are filled up to a
 * multiple of {@value #GROUP}, so that few sizes occur.
 */
public final class TextBatch implements EncoderBatch {

  private static final int GROUP = 64;

  private final Batch rows;
  private final Attention attention;
  private final int[] starts;
  private final int[] ends;
  private int count;

  /** What a row sees of its text. */
  public enum Attention {
    /** All of it. */
    WHOLE,
    /** What stands before it, and itself. */
    CAUSAL,
    /** As {@link #CAUSAL}, and each row is asked for the next token. */
    CAPTION
  }

  /**
   * Room for texts.
   *
   * @param texts how many fit
   * @param context most tokens of one
   */
  public TextBatch(int texts, int context, Attention attention) {
    this.rows = new Batch(texts, context);
    this.attention = attention;
    this.starts = new int[texts];
    this.ends = new int[texts];
  }

  @Override
  public void begin() {
    rows.begin();
    count = 0;
  }

  @Override
  public void add(EncoderInput member) {
    if (!(member instanceof EncoderInput.Words(int[] ids))) {
      throw new IllegalArgumentException("texts were given an image");
    }
    int first = rows.rows();
    int end = first + ids.length;
    rows.beginSegment();
    for (int i = 0; i < ids.length; i++) {
      int seen = attention == Attention.WHOLE ? end : first + i + 1;
      boolean asked = attention == Attention.CAPTION && i + 1 < ids.length;
      rows.add(ids[i], i, first, seen, asked ? ids[i + 1] : Batch.IGNORE);
    }
    starts[count] = first;
    ends[count++] = end;
  }

  /** Appends a text that was corrupted. */
  public void add(Sequence sequence) {
    int first = rows.rows();
    rows.beginSegment();
    for (int i = 0; i < sequence.length(); i++) {
      int start = first + sequence.start(i);
      rows.add(sequence.id(i), i, start, first + sequence.end(i), sequence.label(i));
    }
    starts[count] = first;
    ends[count++] = rows.rows();
  }

  @Override
  public void finish() {
    int filled = Math.ceilDiv(rows.rows(), GROUP) * GROUP;
    rows.pad(0, Math.min(filled, rows.capacity()) - rows.rows());
    rows.finish();
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int capacity() {
    return starts.length;
  }

  /** The rows of all texts. */
  public Batch rows() {
    return rows;
  }

  /** The first row of each text; the first {@link #count()} entries are meaningful. */
  public int[] starts() {
    return starts;
  }

  /** One past the last row of each text; the first {@link #count()} entries are meaningful. */
  public int[] ends() {
    return ends;
  }
}
