package dev.culebra.objectives.batch;

import dev.culebra.runtime.BadInputException;

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

  /** Checks the sizes. */
  public PackedOptions {
    if (sequences < 1 || window < 1 || (long) sequences * window > 1 << 30) {
      throw new BadInputException(
          "A batch of %d windows of %d tokens is impossible: both must be at least 1, their product at most %d"
              .formatted(sequences, window, 1 << 30));
    }
    if (examples < 1 || encoderRows < 1 || decoderRows < 1) {
      throw new BadInputException(
          "A batch of %d samples in %d and %d rows is impossible: each must be at least 1"
              .formatted(examples, encoderRows, decoderRows));
    }
  }

  /** Room for samples of either size; windows are the longer ones. */
  public PackedOptions covering(PackedOptions other) {
    return new PackedOptions(
        Math.max(sequences, other.sequences),
        Math.max(window, other.window),
        byDocument,
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
