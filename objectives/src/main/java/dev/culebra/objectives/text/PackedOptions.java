package dev.culebra.objectives.text;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * How windows of text become batches of corrupted samples.
 *
 * @param sequences windows per micro-batch
 * @param window tokens per window; what T5 needs for its inputs is {@code SpanLengths.filling}
 * @param byDocument whether a window is cut where a document ends, each part a sample of its own
 * @param examples the most samples of a micro-batch
 * @param encoderRows rows of all its encoders; 1 where none is used
 * @param decoderRows rows of all its decoders; 1 where none is used
 * @param pad the id that fills up
 */
public record PackedOptions(
    int sequences,
    int window,
    boolean byDocument,
    int examples,
    int encoderRows,
    int decoderRows,
    int pad) {

  /** How many samples tell the room that all of them need. */
  private static final int PROBES = 64;

  /** Checks the sizes. */
  public PackedOptions {
    if (sequences < 1 || window < 1 || (long) sequences * window > 1 << 30) {
      throw new BadInputException(
          Format.text(
              "A batch of %d windows of %d tokens is impossible: both must be at least 1, their"
                  + " product at most %d",
              sequences, window, 1 << 30));
    }
    if (examples < 1 || encoderRows < 1 || decoderRows < 1) {
      throw new BadInputException(
          Format.text(
              "A batch of %d samples in %d and %d rows is impossible: each must be at least 1",
              examples, encoderRows, decoderRows));
    }
  }

  /**
   * These with room for what some samples become: a window that is cut into many short documents
   * has more special tokens than one of a long document. Others are as large as was said.
   *
   * @param samples how many there are; {@link Long#MAX_VALUE} if they are drawn without end
   */
  public PackedOptions roomFor(Dataset sampling, long samples) {
    if (!byDocument) {
      return this;
    }
    RowCounts encoder = new RowCounts();
    RowCounts decoder = new RowCounts();
    RowCounts parts = new RowCounts();
    int most = Math.multiplyExact(8, Math.max(16, window));
    PackedExamples one = new PackedExamples(most, most, most);
    boolean drawn = samples == Long.MAX_VALUE;
    long probes = Math.min(samples, PROBES);
    for (long i = 0; i < probes; i++) {
      one.begin();
      sampling.add(drawn ? i : i * samples / probes, one);
      encoder.add(one.encoder().rows());
      decoder.add(one.decoder().rows());
      parts.add(one.examples());
    }
    return new PackedOptions(
        sequences,
        window,
        byDocument,
        Math.max(examples, room(parts, drawn)),
        Math.max(encoderRows, room(encoder, drawn)),
        Math.max(decoderRows, room(decoder, drawn)),
        pad);
  }

  private int room(RowCounts counts, boolean drawn) {
    return drawn ? counts.drawn(sequences) : counts.any(sequences);
  }

  /** Room for samples of either size; windows are the longer ones. */
  public PackedOptions covering(PackedOptions other) {
    return new PackedOptions(
        Math.max(sequences, other.sequences),
        Math.max(window, other.window),
        byDocument || other.byDocument,
        Math.max(examples, other.examples),
        Math.max(encoderRows, other.encoderRows),
        Math.max(decoderRows, other.decoderRows),
        pad);
  }

  /** An empty batch of this size. */
  PackedExamples newBatch() {
    return new PackedExamples(examples, encoderRows, decoderRows);
  }
}
