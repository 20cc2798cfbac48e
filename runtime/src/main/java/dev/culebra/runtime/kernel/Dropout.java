package dev.culebra.runtime.kernel;

/**
 * Dropout of values (Srivastava et al. 2014, JMLR 15): each is kept with probability 1 - rate and
 * then divided by it, else 0.
 *
 * @param rate probability that a value is dropped, in [0, 1)
 * @param stream tells the users of random bits within a step apart: each place has its own
 */
public record Dropout(float rate, int stream) {

  /** Checks the range. */
  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("dropout rate " + rate + " must be in [0, 1)");
    }
  }

  /**
   * A value is kept if its {@link RandomBits}, read as an unsigned number, are at least this one:
   * the nearest below rate * 2^32.
   */
  public int threshold() {
    return (int) (long) (rate * 0x1p32);
  }

  /** What kept values are multiplied by: 1 / (1 - rate). */
  public float scale() {
    return 1 / (1 - rate);
  }

  /** Whether the value of that index is kept in a step of that seed. */
  public boolean keeps(int seed, long index) {
    return Integer.compareUnsigned(RandomBits.of(seed, stream, index), threshold()) >= 0;
  }
}
