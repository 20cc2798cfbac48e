package dev.culebra.objectives.batch;

/**
 * Texts or pictures side by side on the host, each on its way to one embedding. Arrays have a fixed
 * size and are filled again and again: {@link #begin}, {@link #add} for each, {@link #finish}.
 */
public sealed interface Members permits TextMembers, PictureMembers {

  /** Empties it. */
  void begin();

  /**
   * Appends a member.
   *
   * @throws IllegalArgumentException if it is of the other kind
   */
  void add(Member member);

  /** Ends it. */
  void finish();

  /** How many members there are. */
  int count();

  /** How many fit. */
  int capacity();
}
