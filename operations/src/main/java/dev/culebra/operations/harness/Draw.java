package dev.culebra.operations.harness;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Random choices that depend on nothing but a seed and a path of names below it. */
public final class Draw {

  private final SplittableRandom random;

  private Draw(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** The draws of one test: equal seeds and paths give equal draws, whatever else runs. */
  public static Draw of(long seed, Object... path) {
    return new Draw(new SplittableRandom(seed ^ ((long) Arrays.hashCode(path) << 20)).nextLong());
  }

  /** A whole number from {@code low} to {@code high}, both included. */
  public int between(int low, int high) {
    return random.nextInt(low, high + 1);
  }

  /** A value of the standard normal distribution. */
  public double normal() {
    return random.nextGaussian();
  }

  /** True with the given probability. */
  public boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  /** One of the choices, each as likely as the others. */
  public <T> T one(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
