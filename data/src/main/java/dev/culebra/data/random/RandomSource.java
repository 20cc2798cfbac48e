package dev.culebra.data.random;

/**
 * Where chance comes from. Every corruption takes its draws from here and nowhere else, so that a
 * sample can be replayed from its seed, and a test can script the draws of a published example.
 */
public interface RandomSource {

  /** A number uniform over [0, 1). */
  double unit();

  /** A whole number uniform over {@code 0 .. bound - 1}; {@code bound} is at least 1. */
  int below(int bound);

  /**
   * The first {@code count} numbers of a random order of {@code 0 .. size - 1}: distinct, every
   * sequence equally likely.
   */
  int[] distinct(int size, int count);

  /** A random order of {@code 0 .. size - 1}. */
  default int[] order(int size) {
    return distinct(size, size);
  }

  /** True with probability {@code p}: if {@link #unit} is below it. */
  default boolean chance(double p) {
    return unit() < p;
  }

  /** An index drawn in proportion to weights. */
  default int pick(Probabilities weights) {
    return weights.at(unit());
  }

  /** The draws that belong to a sample: equal arguments give equal draws. */
  static RandomSource of(long seed, long epoch, long index) {
    return new SeededRandom(seed, epoch, index);
  }
}
