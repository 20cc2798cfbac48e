package dev.culebra.objectives.batch;

import dev.culebra.objectives.corpus.Picture;
import dev.culebra.objectives.corruption.GaussianDraws;
import dev.culebra.objectives.corruption.NoiseProcess;
import dev.culebra.objectives.corruption.NoiseSchedule;
import dev.culebra.objectives.corruption.NoiseSchedule.Prediction;
import dev.culebra.objectives.token.Mix64;
import dev.culebra.runtime.BadInputException;
import java.util.List;

/**
 * Images with noise: {@code x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps} with t uniform over the
 * steps and eps standard normal, and eps or v as what is asked (Ho et al. 2020, arXiv:2006.11239).
 * Everything is a pure function of the seed and the sample's number.
 */
public final class NoisedImages {

  private final List<Picture> pictures;
  private final PatchGrid grid;
  private final Options options;
  private final NoiseSchedule schedule;
  private final long seed;

  /**
   * How images are noised.
   *
   * @param process schedule and prediction
   * @param images of a batch
   * @param classes of the labels; 0 for none
   * @param classDropout share of training images whose class is not told, for guidance without a
   *     classifier (Ho and Salimans 2022, arXiv:2207.12598)
   * @param minSnr gamma of {@link NoiseSchedule#minSnrWeight}; 0 for equal weights
   */
  public record Options(
      NoiseProcess process, int images, int classes, double classDropout, double minSnr) {}

  /**
   * Noise on pictures.
   *
   * @param pictures all of the grid's size
   */
  public NoisedImages(List<Picture> pictures, PatchGrid grid, Options options, long seed) {
    if (pictures.isEmpty()) {
      throw new BadInputException("There are no images to learn from");
    }
    this.pictures = pictures;
    this.grid = grid;
    this.options = options;
    this.schedule = options.process.schedule();
    this.seed = seed;
  }

  /**
   * Batches to train on: every image once per epoch, in an order drawn anew, with noise drawn anew.
   *
   * @param microBatches how many micro-batches one step takes
   */
  public Source<NoiseBatch> training(int microBatches) {
    return new Source<>() {
      private final Sample sample = new Sample();

      @Override
      public NoiseBatch newBatch() {
        return new NoiseBatch(grid, options.images);
      }

      @Override
      public int microBatches() {
        return microBatches;
      }

      @Override
      public void fill(long step, int microBatch, NoiseBatch target) {
        long batch = Math.addExact(Math.multiplyExact(step, microBatches), microBatch);
        target.clear();
        for (int i = 0; i < options.images; i++) {
          long number = Math.addExact(Math.multiplyExact(batch, options.images), i);
          long size = pictures.size();
          long order = Mix64.of(seed, number / size);
          Picture picture =
              pictures.get(Math.toIntExact(Permutation.at(size, order, number % size)));
          sample.add(picture, Mix64.of(seed, 1, number), true, target);
        }
      }
    };
  }

  /**
   * Batches to judge by: every image so many times, in order, with noise of its own each time.
   * Errors count alike, and classes are told.
   */
  public HeldOut<NoiseBatch> heldOut(int times) {
    long samples = Math.multiplyExact((long) pictures.size(), times);
    return new HeldOut<>() {
      private final Sample sample = new Sample();

      @Override
      public NoiseBatch newBatch() {
        return new NoiseBatch(grid, options.images);
      }

      @Override
      public long batches() {
        return Math.ceilDiv(samples, (long) options.images);
      }

      @Override
      public void fill(long index, NoiseBatch target) {
        long first = index * options.images;
        target.clear();
        for (long number = first; number < Math.min(samples, first + options.images); number++) {
          Picture picture = pictures.get(Math.toIntExact(number % pictures.size()));
          sample.add(picture, Mix64.of(seed, 2, number), false, target);
        }
      }
    };
  }

  /** Noises an image at a time, in arrays that are used again and again. */
  private final class Sample {
    private final float[] image = new float[grid.values()];
    private final float[] noise = new float[grid.values()];
    private final float[] noisy = new float[grid.values()];

    void add(Picture picture, long key, boolean training, NoiseBatch target) {
      int t = Math.toIntExact(Mix64.below(Mix64.of(key, 1), schedule.steps()));
      picture.toPlanes(image, 0);
      GaussianDraws.fill(Mix64.of(key, 2), noise, 0, noise.length);
      double signal = schedule.signal(t);
      double amount = schedule.noise(t);
      Prediction asked = options.process.prediction();
      for (int i = 0; i < image.length; i++) {
        noisy[i] = (float) (signal * image[i] + amount * noise[i]);
        if (asked == Prediction.V) {
          noise[i] = (float) (signal * noise[i] - amount * image[i]);
        }
      }
      boolean told = !training || Mix64.unit(Mix64.of(key, 3)) >= options.classDropout;
      boolean labelled = picture.label() >= 0 && picture.label() < options.classes;
      double weight =
          training && options.minSnr > 0 ? schedule.minSnrWeight(t, options.minSnr, asked) : 1;
      target.add(
          noisy, noise, 0, t, told && labelled ? picture.label() : options.classes, (float) weight);
    }
  }
}
