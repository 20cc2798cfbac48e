package dev.culebra.objectives.pairs;

/**
 * Texts or images side by side on the host, each on its way to one embedding. Arrays have a fixed
 * size and are filled again and again: {@link #begin}, {@link #add} for each, {@link #finish}.
 */
public sealed interface EncoderBatch permits TextBatch, ImageBatch {

  /** Empties it. */
  void begin();

  /**
   * Appends a member.
   *
   * @throws IllegalArgumentException if it is of the other kind
   */
  void add(EncoderInput member);

  /** Ends it. */
  void finish();

  /** How many members there are. */
  int count();

  /** How many fit. */
  int capacity();
}
