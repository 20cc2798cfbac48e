package dev.culebra.objectives.pairs;

import dev.culebra.data.read.LabelledImage;

/** One side of a pair, ready for a model. */
public sealed interface EncoderInput {

  /** A text as token ids, special ones included; at least one. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Words(int[] ids) implements EncoderInput {}

  /** An image of the size that the model reads. */
  record Image(LabelledImage image) implements EncoderInput {}
}
