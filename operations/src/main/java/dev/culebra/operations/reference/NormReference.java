package dev.culebra.operations.reference;

/** Normalisation of rows. */
public final class NormReference {

  private NormReference() {}

  /**
   * y = (s - mean) r gamma + beta, r = 1 / sqrt(mean of (s - mean)^2 + epsilon), where RMS takes 0
   * for the mean; leaves mean and r of each row. {@code gamma}, as ones, and {@code beta} may be
   * null.
   */
  public static void norm(
      boolean rms,
      double epsilon,
      int cols,
      double[] y,
      double[] statistics,
      double[] s,
      double[] gamma,
      double[] beta) {
    for (int i = 0; i < s.length / cols; i++) {
      double mean = 0;
      for (int j = 0; j < cols && !rms; j++) {
        mean += s[i * cols + j] / cols;
      }
      double square = 0;
      for (int j = 0; j < cols; j++) {
        square += Math.pow(s[i * cols + j] - mean, 2) / cols;
      }
      double r = 1 / Math.sqrt(square + epsilon);
      for (int j = 0; j < cols; j++) {
        double shift = beta == null ? 0 : beta[j];
        double factor = gamma == null ? 1 : gamma[j];
        y[i * cols + j] = (s[i * cols + j] - mean) * r * factor + shift;
      }
      statistics[2 * i] = mean;
      statistics[2 * i + 1] = r;
    }
  }

  /**
   * With n = (s - mean) r the normalised row and g = dy gamma,
   *
   * <pre>  ds += r (g - mean(g) - n mean(g n)), dgamma += sum of dy n, dbeta += sum of dy</pre>
   *
   * <p>where RMS has no mean(g). Gamma, as ones, dgamma and dbeta may be null.
   */
  public static void addNormBackward(
      boolean rms,
      int cols,
      double[] ds,
      double[] dgamma,
      double[] dbeta,
      double[] dy,
      double[] s,
      double[] statistics,
      double[] gamma) {
    for (int i = 0; i < s.length / cols; i++) {
      double mean = statistics[2 * i];
      double r = statistics[2 * i + 1];
      double meanG = 0;
      double meanGn = 0;
      for (int j = 0; j < cols; j++) {
        double g = dy[i * cols + j] * (gamma == null ? 1 : gamma[j]);
        meanG += rms ? 0 : g / cols;
        meanGn += g * (s[i * cols + j] - mean) * r / cols;
      }
      for (int j = 0; j < cols; j++) {
        double g = dy[i * cols + j] * (gamma == null ? 1 : gamma[j]);
        double n = (s[i * cols + j] - mean) * r;
        ds[i * cols + j] += r * (g - meanG - n * meanGn);
        if (dgamma != null) {
          dgamma[j] += dy[i * cols + j] * n;
        }
        if (dbeta != null) {
          dbeta[j] += dy[i * cols + j];
        }
      }
    }
  }
}
