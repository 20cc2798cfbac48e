package dev.culebra.objectives.text;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.HostIntervals;
import dev.culebra.objectives.text.corruption.Example;
import dev.culebra.objectives.text.corruption.Pattern;
import dev.culebra.objectives.text.corruption.Sequence;
import java.util.Arrays;

/**
 * Corrupted samples side by side in one micro-batch on the host: the rows of all encoders, the rows
 * of all decoders, and for each decoder row the encoder rows that it sees. Nothing of one sample
 * sees another. Arrays have a fixed size and are filled again and again.
 *
 * <p>Filling goes {@link #begin}, {@link #add} for each sample until one does not fit, {@link
 * #finish}. An objective that uses no encoder (or no decoder) leaves that side's rows as padding
 * that sees nothing, and gives it the smallest room: one row.
 */
public final class PackedExamples {
  private final Batch encoder;
  private final Batch decoder;
  private final HostIntervals cross;
  private final int[] firstRows;
  private final int[] labels;
  private int examples;
  private int leftOut;

  /**
   * Room for samples.
   *
   * @param mostExamples how many samples fit at most
   * @param encoderRows how many rows all encoder sequences have together, at least 1
   * @param decoderRows how many rows all decoder sequences have together, at least 1
   */
  public PackedExamples(int mostExamples, int encoderRows, int decoderRows) {
    if (mostExamples < 1) {
      throw new IllegalArgumentException("A batch of at most " + mostExamples + " samples");
    }
    this.encoder = new Batch(1, encoderRows);
    this.decoder = new Batch(1, decoderRows);
    this.cross = new HostIntervals(decoderRows, encoderRows);
    this.firstRows = new int[mostExamples];
    this.labels = new int[mostExamples];
  }

  /** A batch of a decoder alone, whose rows are {@code rows}. */
  public static PackedExamples of(Batch rows) {
    return new PackedExamples(rows);
  }

  private PackedExamples(Batch decoder) {
    this.encoder = new Batch(1, 1);
    this.decoder = decoder;
    this.cross = new HostIntervals(decoder.capacity(), 1);
    this.firstRows = new int[] {Batch.NO_POSITION};
    this.labels = new int[] {Batch.IGNORE};
  }

  /** Empties the batch. */
  public void begin() {
    encoder.begin();
    decoder.begin();
    cross.clear();
    examples = 0;
    leftOut = 0;
  }

  /**
   * Appends a sample.
   *
   * @return false if it does not fit, and is left out
   */
  public boolean add(Example example) {
    int source = encoder.rows();
    if (examples == labels.length
        || example.encoder().length() > encoder.capacity() - source
        || example.decoder().length() > decoder.capacity() - decoder.rows()) {
      leftOut++;
      return false;
    }
    labels[examples] = example.label();
    boolean reads = example.encoder().length() > 0;
    firstRows[examples++] = reads ? source : decoder.rows();
    append(example.encoder(), encoder);
    append(example.decoder(), decoder);
    for (int row = 0; row < example.decoder().length(); row++) {
      if (reads) {
        cross.add(source, encoder.rows());
      } else {
        cross.addEmpty();
      }
    }
    return true;
  }

  /**
   * Appends a source and the beginning of an output to it, of which nothing is asked.
   *
   * @return false if it does not fit, and is left out
   */
  public boolean add(int[] source, int[] begun) {
    return add(
        Example.pair(
            Sequence.unasked(source, Pattern.BIDIRECTIONAL),
            Sequence.unasked(begun, Pattern.CAUSAL)));
  }

  private static void append(Sequence sequence, Batch to) {
    int first = to.rows();
    if (sequence.length() > 0) {
      to.beginSegment();
    }
    for (int row = 0; row < sequence.length(); row++) {
      to.add(
          sequence.id(row),
          sequence.type(row),
          row,
          first + sequence.start(row),
          first + sequence.end(row),
          sequence.label(row));
    }
  }

  /** Ends the batch: fills both sides up with rows of {@code pad} that see nothing. */
  public void finish(int pad) {
    for (Batch side : new Batch[] {encoder, decoder}) {
      side.pad(pad, side.capacity() - side.rows());
      side.finish();
    }
    while (cross.rows() < decoder.rows()) {
      cross.addEmpty();
    }
    Arrays.fill(firstRows, examples, firstRows.length, Batch.NO_POSITION);
    Arrays.fill(labels, examples, labels.length, Batch.IGNORE);
  }

  /** The rows of the encoders: ids, types, positions, self-attention, labels. */
  public Batch encoder() {
    return encoder;
  }

  /** The rows of the decoders: ids, types, positions, self-attention, labels. */
  public Batch decoder() {
    return decoder;
  }

  /** The encoder rows that each decoder row sees. */
  public HostIntervals cross() {
    return cross;
  }

  /** How many samples found no room. */
  public int leftOut() {
    return leftOut;
  }

  /** How many samples there are. */
  public int examples() {
    return examples;
  }

  /**
   * The first row of each sample, of its encoder if it has one: the class token of an encoder; then
   * {@link Batch#NO_POSITION}.
   */
  public int[] firstRows() {
    return firstRows;
  }

  /** What is asked of each sample as a whole, or {@link Batch#IGNORE}. */
  public int[] labels() {
    return labels;
  }
}
