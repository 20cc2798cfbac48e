package dev.culebra.objectives.data;

/**
 * The data behind a run.
 *
 * @param examples documents, pairs or images
 * @param tokens token ids of all texts
 * @param fingerprint changes when anything in them changes
 */
public record Facts(long examples, long tokens, String fingerprint) {

  /** These beside others. */
  public Facts and(Facts other) {
    return new Facts(
        examples + other.examples, tokens + other.tokens, fingerprint + other.fingerprint);
  }
}
