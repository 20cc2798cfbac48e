package dev.culebra.runtime.optim;

/** The learning rate of each step, as a factor of the peak learning rate. Steps count from 0. */
public sealed interface Schedule {

  /** The factor at {@code step}, in [0, 1]. */
  double factor(long step);

  /**
   * Linear warm-up, then half a cosine down to {@code floor} (Loshchilov and Hutter 2017,
   * arXiv:1608.03983).
   *
   * @param warmup steps of warm-up; the first has factor 1 / warmup
   * @param steps all steps
   * @param floor factor that the last step approaches
   */
  record WarmupCosine(long warmup, long steps, double floor) implements Schedule {

    /** Checks the ranges. */
    public WarmupCosine {
      check(warmup, steps, floor);
    }

    @Override
    public double factor(long step) {
      if (step < warmup) {
        return (step + 1.0) / warmup;
      }
      double progress = Math.min(1, (double) (step - warmup) / Math.max(1, steps - warmup));
      return floor + (1 - floor) * 0.5 * (1 + StrictMath.cos(StrictMath.PI * progress));
    }
  }

  /**
   * Linear warm-up, a plateau, and a linear decay to {@code floor} (Hu et al. 2024,
   * arXiv:2404.06395).
   *
   * @param warmup steps of warm-up; the first has factor 1 / warmup
   * @param steps all steps
   * @param decay how many of the last steps decay
   * @param floor factor that the last step approaches
   */
  record WarmupStableDecay(long warmup, long steps, long decay, double floor) implements Schedule {

    /** Checks the ranges. */
    public WarmupStableDecay {
      check(warmup, steps, floor);
      if (decay < 0 || decay > steps - warmup) {
        throw new IllegalArgumentException(
            "the decay of "
                + decay
                + " steps does not fit "
                + steps
                + " steps with a warm-up of "
                + warmup);
      }
    }

    @Override
    public double factor(long step) {
      if (step < warmup) {
        return (step + 1.0) / warmup;
      }
      long left = steps - step;
      return left >= decay ? 1 : floor + (1 - floor) * Math.max(0, left) / decay;
    }
  }

  private static void check(long warmup, long steps, double floor) {
    if (warmup < 0 || steps < warmup || !(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException(
          "a warm-up of "
              + warmup
              + " steps does not fit "
              + steps
              + " steps, or the floor "
              + floor
              + " is not in [0, 1]");
    }
  }
}
