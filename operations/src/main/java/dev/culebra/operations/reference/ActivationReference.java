package dev.culebra.operations.reference;

/** Activations. */
public final class ActivationReference {

  private static final double A = Math.sqrt(2 / Math.PI);
  private static final double B = 0.044715;

  private ActivationReference() {}

  /** gelu(x) = x/2 (1 + tanh(u)), u = sqrt(2/pi) (x + 0.044715 x^3). */
  public static double gelu(double x) {
    return x / 2 * (1 + Math.tanh(A * (x + B * x * x * x)));
  }

  /** gelu'(x) = (1 + tanh(u)) / 2 + x/2 (1 - tanh(u)^2) du/dx. */
  public static double geluDerivative(double x) {
    double t = Math.tanh(A * (x + B * x * x * x));
    return (1 + t) / 2 + x / 2 * (1 - t * t) * A * (1 + 3 * B * x * x);
  }

  /** sigmoid(g) = 1 / (1 + exp(-g)). */
  private static double sigmoid(double g) {
    return 1 / (1 + Math.exp(-g));
  }

  /** y = silu(g) u for x = [g u], silu(g) = g sigmoid(g). */
  public static void swiglu(int rows, int cols, double[] y, double[] x) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        double g = x[i * 2 * cols + j];
        double u = x[i * 2 * cols + cols + j];
        y[i * cols + j] = g * sigmoid(g) * u;
      }
    }
  }

  /** du = dy silu(g); dg = dy u silu'(g), silu'(g) = sigmoid(g) (1 + g (1 - sigmoid(g))). */
  public static void swigluBackward(int rows, int cols, double[] dx, double[] dy, double[] x) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        double g = x[i * 2 * cols + j];
        double u = x[i * 2 * cols + cols + j];
        double s = sigmoid(g);
        dx[i * 2 * cols + j] = dy[i * cols + j] * u * s * (1 + g * (1 - s));
        dx[i * 2 * cols + cols + j] = dy[i * cols + j] * g * s;
      }
    }
  }
}
