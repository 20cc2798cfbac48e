package dev.culebra.train.inference;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws token ids from logits; the same seed and logits draw the same ids. */
final class Sampler {

  private final GenerationOptions options;
  private final double minP;
  private final SplittableRandom random;

  /**
   * A sampler.
   *
   * @param minP leaves out what is less probable than this share of the most probable token, after
   *     the temperature; 0 to leave out nothing
   */
  Sampler(GenerationOptions options, double minP) {
    this.options = options;
    this.minP = minP;
    this.random = new SplittableRandom(options.seed());
  }

  /** An id drawn from {@code logits}, one per id of the vocabulary. */
  int draw(float[] logits) {
    if (options.temperature() == 0) {
      return best(logits);
    }
    int kept = options.topK() == 0 ? logits.length : Math.min(options.topK(), logits.length);
    Integer[] ids = null;
    if (kept < logits.length || options.topP() < 1 || minP > 0) {
      ids = new Integer[logits.length];
      Arrays.setAll(ids, i -> i);
      Arrays.sort(ids, (a, b) -> Float.compare(logits[b], logits[a])); // stable: ties by id
    }
    double max = logits[best(logits)];
    double[] weights = new double[kept];
    double total = 0;
    for (int i = 0; i < kept; i++) {
      weights[i] = Math.exp((logits[id(ids, i)] - max) / options.temperature());
      total += weights[i];
    }
    double limit = options.topP() * total;
    double sum = 0;
    int nucleus = 0;
    while (nucleus < kept
        && (nucleus == 0 || (sum < limit && weights[nucleus] >= minP * weights[0]))) {
      sum += weights[nucleus++];
    }
    double point = random.nextDouble() * sum;
    for (int i = 0; i < nucleus; i++) {
      point -= weights[i];
      if (point < 0) {
        return id(ids, i);
      }
    }
    return id(ids, nucleus - 1);
  }

  private static int id(Integer[] ids, int i) {
    return ids == null ? i : ids[i];
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }
}
