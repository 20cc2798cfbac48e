package dev.culebra.operations.reference;

/** The mean squared error. */
public final class RegressionReference {

  private RegressionReference() {}

  /** loss = w mean (p - t)^2, row by row; {@code weight} may be null, for ones. */
  public static void squaredError(
      int cols, double[] loss, double[] p, double[] t, double[] weight) {
    for (int i = 0; i < loss.length; i++) {
      loss[i] = 0;
      for (int j = 0; j < cols; j++) {
        double d = p[i * cols + j] - t[i * cols + j];
        loss[i] += weight(weight, i) * d * d / cols;
      }
    }
  }

  /** scale 2 w (p - t) / cols, in place of p. */
  public static void squaredErrorGradient(
      int cols, double[] p, double[] t, double[] weight, double scale) {
    for (int i = 0; i < p.length; i++) {
      p[i] = scale * 2 * weight(weight, i / cols) * (p[i] - t[i]) / cols;
    }
  }

  private static double weight(double[] weight, int row) {
    return weight == null ? 1 : weight[row];
  }
}
