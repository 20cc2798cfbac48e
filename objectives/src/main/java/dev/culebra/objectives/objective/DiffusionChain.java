package dev.culebra.objectives.objective;

import dev.culebra.objectives.corruption.GaussianDraws;
import dev.culebra.objectives.corruption.NoiseProcess;
import dev.culebra.objectives.corruption.NoiseSchedule;
import dev.culebra.objectives.corruption.SamplingRules;
import dev.culebra.objectives.token.Mix64;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * The way from noise to an image in S of the T steps of a process, spaced and clipped by its {@link
 * SamplingRules}. From step t to the next one, s, with x_0 as the model's prediction implies it,
 * held to a range, and eps as that x_0 implies it:
 *
 * <pre>
 *   sigma = eta sqrt((1 - abar_s) / (1 - abar_t)) sqrt(1 - abar_t / abar_s)
 *   x_s   = sqrt(abar_s) x_0 + sqrt(1 - abar_s - sigma^2) eps + sigma z
 * </pre>
 *
 * <p>and x_0 itself at the end, unless {@code set_alpha_to_one} is false for DDIM. Eta 1 is DDPM's
 * ancestral sampling with the posterior's variance (Ho et al. 2020, arXiv:2006.11239; respaced as
 * Nichol and Dhariwal 2021, arXiv:2102.09672), eta 0 is DDIM, which draws no z (Song et al. 2021,
 * arXiv:2010.02502, eq. 12 and 16).
 */
public final class DiffusionChain {

  /** How chance takes part. */
  public enum Method {
    /** Noise is drawn at every step. */
    DDPM(1),
    /** Noise is drawn at the beginning alone. */
    DDIM(0);

    private final double eta;

    Method(double eta) {
      this.eta = eta;
    }
  }

  private final NoiseProcess process;
  private final NoiseSchedule schedule;
  private final Method method;
  private final int length;

  /**
   * A chain.
   *
   * @param length S, from 1 to T; one step takes the image from noise at once
   */
  public DiffusionChain(NoiseProcess process, Method method, int length) {
    if (length < 1 || length > process.steps()) {
      throw new BadInputException(
          Format.text(
              "The model knows %d steps of noise: from 1 to %d can be taken, not %d",
              process.steps(), process.steps(), length));
    }
    if (process.sampling().timestep(0, length, process.steps()) >= process.steps()) {
      throw new BadInputException(
          Format.text(
              "%s says steps_offset %d, with which %d steps begin beyond the last of %d: take"
                  + " fewer",
              NoiseProcess.FILE, process.sampling().offset(), length, process.steps()));
    }
    this.process = process;
    this.schedule = process.schedule();
    this.method = method;
    this.length = length;
  }

  /** S: how many predictions the way takes. */
  public int length() {
    return length;
  }

  /** How noisy images are, as a step of the process, before step {@code index} of the way. */
  public int timestep(int index) {
    return process.sampling().timestep(index, length, process.steps());
  }

  /** The share of the data's variance behind the last step. */
  private double end() {
    return method == Method.DDPM || process.sampling().endsInData() ? 1 : schedule.alphaBar(0);
  }

  /** The noise that image {@code number} starts from. */
  public float[] start(long seed, long number, int values) {
    float[] noise = new float[values];
    GaussianDraws.fill(Mix64.of(seed, number, -1), noise, 0, values);
    return noise;
  }

  /**
   * Takes an image one step further, in place.
   *
   * @param index the step of the way, from 0
   * @param x the image as it is
   * @param predicted what the model found in it, in the same order
   * @param seed and {@code number} name the noise to draw
   */
  public void step(int index, float[] x, float[] predicted, long seed, long number) {
    int t = timestep(index);
    boolean last = index == length - 1;
    double now = schedule.alphaBar(t);
    double next = last ? end() : schedule.alphaBar(timestep(index + 1));
    double sigma =
        last
            ? 0
            : method.eta
                * Math.sqrt((1 - next) / (1 - now))
                * Math.sqrt(Math.max(0, 1 - now / next));
    double keep = Math.sqrt(Math.max(0, 1 - next - sigma * sigma));
    float[] drawn = null;
    if (sigma > 0) {
      drawn = new float[x.length];
      GaussianDraws.fill(Mix64.of(seed, number, index), drawn, 0, drawn.length);
    }
    double clip = process.sampling().clip();
    double signal = schedule.signal(t);
    double noise = schedule.noise(t);
    for (int i = 0; i < x.length; i++) {
      double image =
          switch (process.prediction()) {
            case EPSILON -> (x[i] - noise * predicted[i]) / signal;
            case V -> signal * x[i] - noise * predicted[i];
          };
      image = Math.clamp(image, -clip, clip);
      double eps = (x[i] - signal * image) / noise;
      double z = drawn == null ? 0 : sigma * drawn[i];
      x[i] = (float) (Math.sqrt(next) * image + keep * eps + z);
    }
  }
}
