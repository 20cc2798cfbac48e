package dev.culebra.data.random;

/**
 * A pseudo-random order of {@code 0 .. size-1} that takes no memory: a Feistel network of {@value
 * #ROUNDS} rounds over the next power of four, walked along its cycles until it lands inside (Black
 * and Rogaway 2002).
 */
public final class Permutation {
  private static final int ROUNDS = 6;

  private Permutation() {}

  /** The number at place {@code index} of the order that {@code key} names. */
  public static long at(long size, long key, long index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("Place " + index + " of " + size);
    }
    int half = Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(size - 1) + 1) / 2);
    long value = index;
    do {
      value = shuffle(value, half, key);
    } while (value >= size);
    return value;
  }

  private static long shuffle(long value, int half, long key) {
    long mask = (1L << half) - 1;
    long left = value >>> half;
    long right = value & mask;
    for (int round = 0; round < ROUNDS; round++) {
      long next = left ^ (Mix64.of(key, round, right) & mask);
      left = right;
      right = next;
    }
    return left << half | right;
  }
}
