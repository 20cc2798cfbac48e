package dev.culebra.objectives.diffusion;

import dev.culebra.data.random.GaussianRandom;
import dev.culebra.data.random.Mix64;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.models.dit.SamplingRules;
import dev.culebra.models.dit.SamplingRules.Method;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * The way from noise to an image in S of the T steps of a process, as diffusers' schedulers go it
 * with the {@link SamplingRules} of their file. At step t the model's prediction implies an image
 * x_0, which is held to a range, and a noise eps, which is not:
 *
 * <pre>
 *   DDIM   x_s = sqrt(abar_s) x_0 + sqrt(1 - abar_s) eps                    s = t - floor(T / S)
 *   DDPM   x_s = mean of q(x_s | x_t, x_0) + sigma z                        s = the next step
 *          sigma^2 = (1 - abar_s) / (1 - abar_t) (1 - abar_t / abar_s)      fixed_small
 *          sigma^2 = 1 - abar_t / abar_s                                    fixed_large
 * </pre>
 *
 * <p>(DDIM: Song et al. 2021, arXiv:2010.02502, eq. 12; DDPM: Ho et al. 2020, arXiv:2006.11239, eq.
 * 6 and 7; respaced as Nichol and Dhariwal 2021, arXiv:2102.09672). Before the first step, abar_s
 * is 1, unless {@code set_alpha_to_one} is false for DDIM. Its s is not always the step that comes
 * next: not where S does not divide T, and not with linspace.
 */
public final class DiffusionChain {

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

  /** The share of the data's variance that is left where step {@code index} leads to. */
  private double next(int index) {
    boolean ddpm = method == Method.DDPM;
    int step =
        ddpm
            ? index == length - 1 ? -1 : timestep(index + 1)
            : timestep(index) - process.steps() / length;
    if (step >= 0) {
      return schedule.alphaBar(step);
    }
    return ddpm || process.sampling().endsInData() ? 1 : schedule.alphaBar(0);
  }

  /** The noise that image {@code number} starts from. */
  public float[] start(long seed, long number, int values) {
    float[] noise = new float[values];
    GaussianRandom.fill(Mix64.of(seed, number, -1), noise, 0, values);
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
    double now = schedule.alphaBar(t);
    double next = next(index);
    double posterior = (1 - next) / (1 - now) * Math.max(0, 1 - now / next);
    boolean ddpm = method == Method.DDPM;
    double keep = Math.sqrt(Math.max(0, 1 - next - (ddpm ? posterior : 0)));
    double sigma = ddpm && t > 0 ? Math.sqrt(large() ? 1 - now / next : posterior) : 0;
    float[] drawn = null;
    if (sigma > 0) {
      drawn = new float[x.length];
      GaussianRandom.fill(Mix64.of(seed, number, index), drawn, 0, drawn.length);
    }
    double clip = process.sampling().clip();
    double signal = schedule.signal(t);
    double noise = schedule.noise(t);
    boolean asksNoise = process.prediction() == Prediction.EPSILON;
    for (int i = 0; i < x.length; i++) {
      double found = predicted[i];
      double image = asksNoise ? (x[i] - noise * found) / signal : signal * x[i] - noise * found;
      image = Math.clamp(image, -clip, clip);
      double eps =
          ddpm
              ? (x[i] - signal * image) / noise // which makes this the posterior's mean
              : asksNoise ? found : signal * found + noise * x[i];
      double z = drawn == null ? 0 : sigma * drawn[i];
      x[i] = (float) (Math.sqrt(next) * image + keep * eps + z);
    }
  }

  private boolean large() {
    return process.sampling().largeVariance();
  }
}
