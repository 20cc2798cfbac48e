package dev.culebra.models.dit;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * How much noise diffusion adds (Ho et al. 2020): {@code x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t)
 * eps}, where {@code abar_t} is the product of {@code 1 - beta} up to step t. Steps count from 0;
 * everything is computed in float64, as guided-diffusion does.
 */
public final class NoiseSchedule {
  private static final double LARGEST_BETA = 0.999;

  private final double[] betas;
  private final double[] alphaBars;

  /** What a model is asked to predict. */
  public enum Prediction {
    /** The noise: {@code eps}. */
    EPSILON,
    /** {@code v = sqrt(abar) eps - sqrt(1 - abar) x_0} (Salimans and Ho 2022). */
    V
  }

  private NoiseSchedule(double[] betas, double[] alphaBars) {
    this.betas = betas;
    this.alphaBars = alphaBars;
  }

  private static NoiseSchedule of(int steps, IntToDoubleFunction beta) {
    if (steps < 2) {
      throw new BadInputException(
          Format.text(
              "A noise schedule of %d steps has no way from data to noise: give at least 2",
              steps));
    }
    double[] betas = new double[steps];
    double[] alphaBars = new double[steps];
    double product = 1;
    for (int t = 0; t < steps; t++) {
      betas[t] = beta.applyAsDouble(t);
      product *= 1 - betas[t];
      alphaBars[t] = product;
    }
    return new NoiseSchedule(betas, alphaBars);
  }

  /** {@code beta} grows linearly from 1e-4 to 0.02 over 1000 steps, faster over fewer. */
  public static NoiseSchedule linear(int steps) {
    double scale = 1000.0 / steps;
    double first = Math.min(1e-4 * scale, LARGEST_BETA);
    double last = Math.min(0.02 * scale, LARGEST_BETA);
    return of(steps, t -> first + (last - first) * t / (steps - 1));
  }

  /** {@code abar} follows a squared cosine (Nichol and Dhariwal 2021), beta at most 0.999. */
  public static NoiseSchedule cosine(int steps) {
    return of(
        steps,
        t -> Math.min(1 - cosine((t + 1.0) / steps) / cosine((double) t / steps), LARGEST_BETA));
  }

  private static double cosine(double share) {
    double c = Math.cos((share + 0.008) / 1.008 * Math.PI / 2);
    return c * c;
  }

  /** Root of beta grows linearly, as in Stable Diffusion's {@code scaled_linear}. */
  public static NoiseSchedule scaledLinear(int steps, double first, double last) {
    double from = Math.sqrt(first);
    double to = Math.sqrt(last);
    return of(
        steps,
        t -> {
          double root = from + (to - from) * t / (steps - 1);
          return root * root;
        });
  }

  /** Given betas. */
  static NoiseSchedule given(List<Double> betas) {
    return of(betas.size(), betas::get);
  }

  /** The same with nothing of the data left at the last step (Lin et al. 2024). */
  public NoiseSchedule withZeroTerminalSnr() {
    int steps = steps();
    double first = Math.sqrt(alphaBars[0]);
    double last = Math.sqrt(alphaBars[steps - 1]);
    double[] rescaled = new double[steps];
    double[] newBetas = new double[steps];
    for (int t = 0; t < steps; t++) {
      double root = (Math.sqrt(alphaBars[t]) - last) * (first / (first - last));
      rescaled[t] = root * root;
      newBetas[t] = 1 - (t == 0 ? rescaled[0] : rescaled[t] / rescaled[t - 1]);
    }
    return new NoiseSchedule(newBetas, rescaled);
  }

  /** How many steps there are. */
  public int steps() {
    return betas.length;
  }

  /** The variance that step t adds. */
  public double beta(int t) {
    return betas[t];
  }

  /** The share of the data's variance left at step t. */
  public double alphaBar(int t) {
    return alphaBars[t];
  }

  /** What the data is multiplied by at step t: {@code sqrt(abar_t)}. */
  public double signal(int t) {
    return Math.sqrt(alphaBars[t]);
  }

  /** What the noise is multiplied by at step t: {@code sqrt(1 - abar_t)}. */
  public double noise(int t) {
    return Math.sqrt(1 - alphaBars[t]);
  }

  /** The ratio of signal to noise: {@code abar_t / (1 - abar_t)}. */
  public double snr(int t) {
    return alphaBars[t] / (1 - alphaBars[t]);
  }

  /** The variance of {@code x_{t-1}} given {@code x_t} and {@code x_0}. */
  public double posteriorVariance(int t) {
    double before = t == 0 ? 1 : alphaBars[t - 1];
    return betas[t] * (1 - before) / (1 - alphaBars[t]);
  }

  /**
   * The weight of a sample's loss by Min-SNR (Hang et al. 2023): {@code min(snr, gamma) / snr} for
   * noise, {@code / (snr + 1)} for v.
   */
  public double minSnrWeight(int t, double gamma, Prediction prediction) {
    double snr = snr(t);
    double clipped = Math.min(snr, gamma);
    return switch (prediction) {
      case EPSILON -> snr == 0 ? 1 : clipped / snr;
      case V -> clipped / (snr + 1);
    };
  }
}
