package dev.culebra.operations.reference;

import dev.culebra.runtime.kernel.CrossEntropy;

/** Losses. */
public final class LossReference {

  private LossReference() {}

  /** lse = log sum exp z over row i. */
  private static double logSumExp(int classes, double[] z, int i) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < classes; j++) {
      largest = Math.max(largest, z[i * classes + j]);
    }
    double sum = 0;
    for (int j = 0; j < classes; j++) {
      sum += Math.exp(z[i * classes + j] - largest);
    }
    return largest + Math.log(sum);
  }

  /** loss = lse - (1 - s) z[t] - (s / V) sum z + y lse^2; 0 where the target is ignored. */
  public static void crossEntropy(
      CrossEntropy options, int classes, double[] loss, double[] z, double[] target) {
    double s = options.labelSmoothing();
    for (int i = 0; i < target.length; i++) {
      if (target[i] == CrossEntropy.IGNORE) {
        loss[i] = 0;
        continue;
      }
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        sum += z[i * classes + j];
      }
      double lse = logSumExp(classes, z, i);
      loss[i] =
          lse
              - (1 - s) * z[i * classes + (int) target[i]]
              - s / classes * sum
              + options.zLoss() * lse * lse;
    }
  }

  /**
   * d loss / d z[j] = p[j] (1 + 2 y lse) - (1 - s) [j = t] - s / V with p = softmax(z), times
   * {@code scale}, in place of z.
   */
  public static void crossEntropyGradient(
      CrossEntropy options, int classes, double[] z, double[] target, double scale) {
    double s = options.labelSmoothing();
    for (int i = 0; i < target.length; i++) {
      double lse = logSumExp(classes, z, i);
      for (int j = 0; j < classes; j++) {
        double p = Math.exp(z[i * classes + j] - lse);
        double label = j == (int) target[i] ? 1 - s : 0;
        double gradient = p * (1 + 2 * options.zLoss() * lse) - label - s / classes;
        z[i * classes + j] = target[i] == CrossEntropy.IGNORE ? 0 : scale * gradient;
      }
    }
  }
}
