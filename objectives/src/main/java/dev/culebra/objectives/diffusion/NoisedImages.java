package dev.culebra.objectives.diffusion;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.PatchGrid;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.random.GaussianRandom;
import dev.culebra.data.random.Mix64;
import dev.culebra.data.random.Permutation;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.models.dit.NoiseProcess;
import dev.culebra.models.dit.NoiseSchedule;
import dev.culebra.models.dit.NoiseSchedule.Prediction;
import dev.culebra.runtime.BadInputException;
import java.util.List;

/**
 * Images with noise: {@code x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) eps} with t uniform over the
 * steps and eps standard normal, and eps or v as what is asked (Ho et al. 2020, arXiv:2006.11239).
 * Everything is a pure function of the seed and the sample's number.
 */
public final class NoisedImages {

  private final List<LabelledImage> images;
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
   * Noise on images.
   *
   * @param images all of the grid's size
   */
  public NoisedImages(List<LabelledImage> images, PatchGrid grid, Options options, long seed) {
    if (images.isEmpty()) {
      throw new BadInputException("There are no images to learn from");
    }
    this.images = images;
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
  public TrainingBatches<NoiseBatch> training(int microBatches) {
    return new TrainingBatches<>() {
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
          long size = images.size();
          long order = Mix64.of(seed, number / size);
          LabelledImage image =
              images.get(Math.toIntExact(Permutation.at(size, order, number % size)));
          sample.add(image, Mix64.of(seed, 1, number), true, target);
        }
      }
    };
  }

  /**
   * Batches to evaluate on: every image so many times, in order, with noise of its own each time.
   * Errors count alike, and classes are told.
   */
  public EvaluationBatches<NoiseBatch> heldOut(int times) {
    long samples = Math.multiplyExact((long) images.size(), times);
    return new EvaluationBatches<>() {
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
          LabelledImage image = images.get(Math.toIntExact(number % images.size()));
          sample.add(image, Mix64.of(seed, 2, number), false, target);
        }
      }
    };
  }

  /** Noises an image at a time, in arrays that are used again and again. */
  private final class Sample {
    private final float[] planes = new float[grid.values()];
    private final float[] noise = new float[grid.values()];
    private final float[] noisy = new float[grid.values()];

    void add(LabelledImage image, long key, boolean training, NoiseBatch target) {
      int t = Math.toIntExact(Mix64.below(Mix64.of(key, 1), schedule.steps()));
      image.toPlanes(planes, 0);
      GaussianRandom.fill(Mix64.of(key, 2), noise, 0, noise.length);
      double signal = schedule.signal(t);
      double amount = schedule.noise(t);
      Prediction asked = options.process.prediction();
      for (int i = 0; i < planes.length; i++) {
        noisy[i] = (float) (signal * planes[i] + amount * noise[i]);
        if (asked == Prediction.V) {
          noise[i] = (float) (signal * noise[i] - amount * planes[i]);
        }
      }
      boolean told = !training || Mix64.unit(Mix64.of(key, 3)) >= options.classDropout;
      boolean labelled = image.label() >= 0 && image.label() < options.classes;
      double weight =
          training && options.minSnr > 0 ? schedule.minSnrWeight(t, options.minSnr, asked) : 1;
      target.add(
          noisy, noise, 0, t, told && labelled ? image.label() : options.classes, (float) weight);
    }
  }
}
