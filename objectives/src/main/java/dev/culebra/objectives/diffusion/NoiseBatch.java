package dev.culebra.objectives.diffusion;

import dev.culebra.data.batch.PatchGrid;

/** Noised images on the host, with what a denoiser is to find in them. */
public final class NoiseBatch {

  private final PatchGrid grid;
  private final float[] noised;
  private final float[] targets;
  private final int[] steps;
  private final int[] classes;
  private final float[] weights;
  private int count;

  /** Room for {@code capacity} images. */
  public NoiseBatch(PatchGrid grid, int capacity) {
    int values = Math.multiplyExact(capacity, grid.values());
    this.grid = grid;
    this.noised = new float[values];
    this.targets = new float[values];
    this.steps = new int[capacity];
    this.classes = new int[capacity];
    this.weights = new float[capacity];
  }

  /** Begins a batch: no images. */
  public void clear() {
    count = 0;
  }

  /**
   * Adds an image.
   *
   * @param noisy its planes with noise, from {@code from} on
   * @param target what is asked of it, as planes; null where nothing is
   * @param step how noisy it is
   * @param label its class; the number of classes for none
   * @param weight of its error
   */
  public void add(float[] noisy, float[] target, int from, int step, int label, float weight) {
    int at = count * grid.values();
    grid.toRead(noisy, from, noised, at);
    if (target != null) {
      grid.toWritten(target, from, targets, at);
    }
    steps[count] = step;
    classes[count] = label;
    weights[count] = weight;
    count++;
  }

  /** How images are cut. */
  public PatchGrid grid() {
    return grid;
  }

  /** The most images. */
  public int capacity() {
    return steps.length;
  }

  /** Images in it. */
  public int count() {
    return count;
  }

  /** The images as rows to be read, [images, patches, values]. */
  public float[] noised() {
    return noised;
  }

  /** What is asked, as rows to be written, [images, patches, values]. */
  public float[] targets() {
    return targets;
  }

  /** The step of each image. */
  public int[] steps() {
    return steps;
  }

  /** The class of each image; the number of classes for none. */
  public int[] classes() {
    return classes;
  }

  /** The weight of each image's error. */
  public float[] weights() {
    return weights;
  }
}
