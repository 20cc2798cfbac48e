package dev.culebra.objectives.pairs;

import java.util.List;

/**
 * A pair, ready for a model.
 *
 * @param left the query
 * @param right its key
 * @param negatives keys that look right but are wrong
 * @param group pairs of one group are the same thing, hence no negatives of each other
 * @param leftId equal for queries of equal content, from 0
 * @param rightId equal for keys of equal content, from 0
 */
public record EncodedPair(
    EncoderInput left,
    EncoderInput right,
    List<Negative> negatives,
    int group,
    int leftId,
    int rightId) {

  /** The number of content that is nowhere a key. */
  public static final int UNKNOWN = -1;

  /**
   * A hard negative.
   *
   * @param rightId of a key of that content, or {@link #UNKNOWN}
   */
  public record Negative(EncoderInput member, int rightId) {}

  /** Copies the list. */
  public EncodedPair {
    negatives = List.copyOf(negatives);
  }
}
