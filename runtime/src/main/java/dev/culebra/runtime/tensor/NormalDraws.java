package dev.culebra.runtime.tensor;

import java.util.SplittableRandom;

/** Standard normal draws by the polar method (Marsaglia and Bray 1964), reproducible everywhere. */
final class NormalDraws {

  private final SplittableRandom random;
  private double spare;
  private boolean hasSpare;

  NormalDraws(long seed, String name) {
    this.random = random(seed, name);
  }

  /** What a seed and a name give. */
  static SplittableRandom random(long seed, String name) {
    long hash = seed;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L; // FNV-1a
    }
    return new SplittableRandom(hash);
  }

  double next() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double u;
    double v;
    double s;
    do {
      u = 2 * random.nextDouble() - 1;
      v = 2 * random.nextDouble() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    // StrictMath: Math.log may differ in the last bit from one chip to the next.
    double factor = Math.sqrt(-2 * StrictMath.log(s) / s);
    spare = v * factor;
    hasSpare = true;
    return u * factor;
  }
}
