package dev.culebra.runtime.kernel;

/**
 * Counter-based random bits: a value is a hash of a step's seed, the number of a stream and an
 * index, so that the backward pass draws again what the forward pass drew, and no state is kept.
 *
 * <p>The twin of {@code random.cuh}, bit by bit.
 */
public final class RandomBits {

  private RandomBits() {}

  /**
   * 32 random bits.
   *
   * @param seed of the step
   * @param stream which of the step's users of random bits
   * @param index which of its values
   */
  public static int of(int seed, int stream, long index) {
    int first = mix(seed ^ 0x9e3779b9) + stream;
    int second = mix(mix(first) + (int) (index >>> 32));
    return mix(mix((int) index ^ second) + mix(first ^ 0x85ebca6b));
  }

  /** The 32-bit finalizer of Wellons ("hash prospector", lowbias32). */
  private static int mix(int x) {
    int high = (x ^ x >>> 16) * 0x7feb352d;
    int low = (high ^ high >>> 15) * 0x846ca68b;
    return low ^ low >>> 16;
  }
}
