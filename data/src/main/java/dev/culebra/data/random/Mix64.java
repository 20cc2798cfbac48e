package dev.culebra.data.random;

/**
 * Hashing in place of random generators: what is drawn depends on its coordinates (seed, epoch,
 * index) and on nothing drawn before. The mixing is SplitMix64's (Steele, Lea and Flood 2014).
 */
public final class Mix64 {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Mix64() {}

  /** A hash of two numbers, uniform over all longs. */
  public static long of(long a, long b) {
    return mix(mix(a + GOLDEN) + b * GOLDEN + 1);
  }

  /** A hash of three numbers, uniform over all longs. */
  public static long of(long a, long b, long c) {
    return of(of(a, b), c);
  }

  /** A number below {@code bound} (at least 1) from a hash. */
  public static long below(long hash, long bound) {
    return Math.unsignedMultiplyHigh(hash, bound);
  }

  /** A number in [0, 1) from a hash: its upper 53 bits. */
  public static double unit(long hash) {
    return (hash >>> 11) * 0x1p-53;
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }
}
