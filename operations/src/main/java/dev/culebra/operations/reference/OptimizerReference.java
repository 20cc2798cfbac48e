package dev.culebra.operations.reference;

import static dev.culebra.runtime.kernel.StepValues.BIAS_CORRECTION_1;
import static dev.culebra.runtime.kernel.StepValues.BIAS_CORRECTION_2;
import static dev.culebra.runtime.kernel.StepValues.GRADIENT_NORM;
import static dev.culebra.runtime.kernel.StepValues.GRADIENT_SCALE;
import static dev.culebra.runtime.kernel.StepValues.LEARNING_RATE;

import dev.culebra.runtime.kernel.AdamW;

/** Clipping and the steps of the optimisers; nothing steps if the gradient's scale is NaN. */
public final class OptimizerReference {

  private OptimizerReference() {}

  /** sqrt(sum of x^2). */
  public static double norm(double[] x) {
    double squares = 0;
    for (double value : x) {
      squares += value * value;
    }
    return Math.sqrt(squares);
  }

  /** norm, and min(1, maxNorm / (norm + 1e-6)), or NaN if the norm is not finite. */
  public static void globalNorm(double[] step, double[] gradient, double maxNorm) {
    double norm = norm(gradient);
    step[GRADIENT_NORM] = norm;
    step[GRADIENT_SCALE] =
        Double.isFinite(norm) ? Math.min(1, maxNorm / (norm + 1e-6)) : Double.NaN;
  }

  /**
   * <pre>
   *   w -= r d w                       for the first {@code decayed} elements
   *   m  = b1 m + (1 - b1) g
   *   v  = b2 v + (1 - b2) g^2
   *   w -= r (m / c1) / (sqrt(v / c2) + epsilon)
   * </pre>
   */
  public static void adamW(
      AdamW o, double[] w, double[] gradient, double[] m, double[] v, int decayed, double[] step) {
    double r = step[LEARNING_RATE];
    double b1 = o.beta1();
    double b2 = o.beta2();
    for (int i = 0; i < w.length && !Double.isNaN(step[GRADIENT_SCALE]); i++) {
      double g = step[GRADIENT_SCALE] * gradient[i];
      w[i] -= i < decayed ? r * o.weightDecay() * w[i] : 0;
      m[i] = b1 * m[i] + (1 - b1) * g;
      v[i] = b2 * v[i] + (1 - b2) * g * g;
      w[i] -=
          r
              * (m[i] / step[BIAS_CORRECTION_1])
              / (Math.sqrt(v[i] / step[BIAS_CORRECTION_2]) + o.epsilon());
    }
  }

  /** m = beta m + (1 - beta) g; update = (1 - beta) g + beta m. */
  public static void muonMomentum(
      double[] update, double[] m, double[] gradient, double beta, double[] step) {
    for (int i = 0; i < m.length && !Double.isNaN(step[GRADIENT_SCALE]); i++) {
      double g = step[GRADIENT_SCALE] * gradient[i];
      m[i] = beta * m[i] + (1 - beta) * g;
      update[i] = (1 - beta) * g + beta * m[i];
    }
  }

  /** y = x / (l2 norm of x + 1e-7). */
  public static void normalize(double[] y, double[] x) {
    double norm = norm(x);
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] / (norm + 1e-7);
    }
  }

  /** w = w (1 - r decay) - r factor update. */
  public static void muonUpdate(
      double[] w, double[] update, double factor, double decay, double[] step) {
    double r = step[LEARNING_RATE];
    for (int i = 0; i < w.length && !Double.isNaN(step[GRADIENT_SCALE]); i++) {
      w[i] = w[i] * (1 - r * decay) - r * factor * update[i];
    }
  }

  /** average = decay average + (1 - decay) x. */
  public static void average(double[] average, double[] x, double decay, double[] step) {
    for (int i = 0; i < x.length && !Double.isNaN(step[GRADIENT_SCALE]); i++) {
      average[i] = decay * average[i] + (1 - decay) * x[i];
    }
  }
}
