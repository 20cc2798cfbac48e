package dev.culebra.operations.reference;

import dev.culebra.runtime.kernel.Activation;

/** Activations, written as in {@link Activation}. */
public final class ActivationReference {

  private static final double A = Math.sqrt(2 / Math.PI);
  private static final double B = 0.044715;
  private static final double QUICK = 1.702f;

  private ActivationReference() {}

  /** f(x). */
  public static double value(Activation f, double x) {
    return switch (f) {
      case GELU_TANH -> gelu(x);
      case GELU -> x / 2 * (1 + erf(x / Math.sqrt(2)));
      case QUICK_GELU -> x * sigmoid(QUICK * x);
      case SILU -> x * sigmoid(x);
      case RELU -> Math.max(x, 0);
      case TANH -> Math.tanh(x);
    };
  }

  /** f'(x). */
  public static double slope(Activation f, double x) {
    return switch (f) {
      case GELU_TANH -> geluDerivative(x);
      case GELU ->
          (1 + erf(x / Math.sqrt(2))) / 2 + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case QUICK_GELU -> siluDerivative(QUICK * x);
      case SILU -> siluDerivative(x);
      case RELU -> x > 0 ? 1 : 0;
      case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
    };
  }

  /** gelu(x) = x/2 (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3). */
  public static double gelu(double x) {
    return x / 2 * (1 + Math.tanh(A * (x + B * x * x * x)));
  }

  /** gelu'(x) = (1 + tanh(u)) / 2 + x/2 (1 - tanh(u)^2) du/dx. */
  public static double geluDerivative(double x) {
    double t = Math.tanh(A * (x + B * x * x * x));
    return (1 + t) / 2 + x / 2 * (1 - t * t) * A * (1 + 3 * B * x * x);
  }

  /** sigmoid(x) = 1 / (1 + exp(-x)). */
  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** d/dx x sigmoid(x) = s (1 + x (1 - s)). */
  private static double siluDerivative(double x) {
    double s = sigmoid(x);
    return s * (1 + x * (1 - s));
  }

  /**
   * erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^k x^(2k+1) / (1 3 5 ... (2k+1)) (Abramowitz and Stegun
   * 1964, 7.1.6): terms of one sign, so nothing cancels; 1 beyond 6.
   */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
      term *= 2 * x * x / (2 * k + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  /** y = f(g) u for x = [g u]. */
  public static void gated(Activation f, int rows, int cols, double[] y, double[] x) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        y[i * cols + j] = value(f, x[i * 2 * cols + j]) * x[i * 2 * cols + cols + j];
      }
    }
  }

  /** dg = dy u f'(g), du = dy f(g). */
  public static void gatedBackward(
      Activation f, int rows, int cols, double[] dx, double[] dy, double[] x) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        double g = x[i * 2 * cols + j];
        double u = x[i * 2 * cols + cols + j];
        dx[i * 2 * cols + j] = dy[i * cols + j] * u * slope(f, g);
        dx[i * 2 * cols + cols + j] = dy[i * cols + j] * value(f, g);
      }
    }
  }
}
