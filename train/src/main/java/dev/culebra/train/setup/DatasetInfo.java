package dev.culebra.train.setup;

/**
 * The data behind a run.
 *
 * @param examples documents, pairs or images
 * @param tokens token ids of all texts
 * @param fingerprint changes when anything in them changes
 */
public record DatasetInfo(long examples, long tokens, String fingerprint) {

  /** These beside others. */
  public DatasetInfo and(DatasetInfo other) {
    return new DatasetInfo(
        examples + other.examples, tokens + other.tokens, fingerprint + other.fingerprint);
  }
}
