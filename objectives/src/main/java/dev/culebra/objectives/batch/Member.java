package dev.culebra.objectives.batch;

import dev.culebra.objectives.corpus.Picture;

/** One side of a pair, ready for a model. */
public sealed interface Member {

  /** A text as token ids, special ones included; at least one. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Words(int[] ids) implements Member {}

  /** A picture of the size that the model reads. */
  record Image(Picture picture) implements Member {}
}
