package dev.culebra.data.random;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Draws that are hashes of (seed, epoch, index) and of how many were taken before. */
final class SeededRandom implements RandomSource {
  private final long key;
  private long taken;

  SeededRandom(long seed, long epoch, long index) {
    this.key = Mix64.of(seed, epoch, index);
  }

  @Override
  public double unit() {
    return Mix64.unit(next());
  }

  @Override
  public int below(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("Nothing is below " + bound);
    }
    return Math.toIntExact(Mix64.below(next(), bound));
  }

  /** The shuffle of Fisher and Yates, stopped after {@code count} places. */
  @Override
  public int[] distinct(int size, int count) {
    if (count < 0 || count > size) {
      throw new IllegalArgumentException(count + " distinct numbers of " + size);
    }
    int[] numbers = IntStream.range(0, size).toArray();
    for (int i = 0; i < count; i++) {
      int other = i + below(size - i);
      int drawn = numbers[other];
      numbers[other] = numbers[i];
      numbers[i] = drawn;
    }
    return Arrays.copyOf(numbers, count);
  }

  private long next() {
    return Mix64.of(key, taken++);
  }
}
