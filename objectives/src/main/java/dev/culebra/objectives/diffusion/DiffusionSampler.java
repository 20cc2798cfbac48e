package dev.culebra.objectives.diffusion;

import dev.culebra.data.batch.PatchGrid;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.dit.DenoiserShape;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import dev.culebra.runtime.text.Format;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Draws images with a denoiser. Images of one seed are the same whatever their number and whatever
 * the size of the batches, up to rounding. Threads take turns.
 */
public final class DiffusionSampler implements AutoCloseable {

  /** Images that go through the model at once. */
  private static final int AT_ONCE = 32;

  private final Device device;
  private final Denoiser denoiser;
  private final DiffusionChain chain;
  private final PatchGrid grid;
  private final NoiseBatch batch;
  private final NoiseInputs slot;
  private final Buffer floats;
  private final float[] found;

  /** Told of every step of every batch of images. */
  @FunctionalInterface
  public interface Progress {
    /** So many of all steps are done. */
    void done(long steps, long all);
  }

  /**
   * What to draw.
   *
   * @param labels the class of each image; {@link #NO_CLASS} for none
   * @param guidance how far to go from the prediction without the class (0) to that with it (1) and
   *     beyond; only 1 where no image has a class
   * @param seed of the noise
   */
  public record Order(List<Integer> labels, double guidance, long seed) {

    /** Tells the model no class. */
    public static final int NO_CLASS = -1;

    /** Checks them. */
    public Order {
      labels = List.copyOf(labels);
      if (labels.isEmpty()) {
        throw new BadInputException("At least one image can be drawn, not 0");
      }
      if (!(guidance >= 0 && Double.isFinite(guidance))) {
        throw new BadInputException("The guidance must be a number of at least 0, not " + guidance);
      }
      if (guidance != 1 && labels.stream().allMatch(label -> label == NO_CLASS)) {
        throw new BadInputException("Guidance leads towards a class, and there is none to draw");
      }
    }

    /** So many images of one class. */
    public static Order of(int count, int label, double guidance, long seed) {
      return new Order(Collections.nCopies(count, label), guidance, seed);
    }

    /** Images. */
    public int count() {
      return labels.size();
    }

    /** Whether predictions with and without the class are wanted. */
    private boolean guided() {
      return guidance != 1;
    }
  }

  /**
   * A sampler.
   *
   * @param denoiser kept by the caller
   * @param chain steps from noise to images
   */
  public DiffusionSampler(Device device, Denoiser denoiser, DiffusionChain chain) {
    DenoiserShape shape = denoiser.shape();
    this.device = device;
    this.denoiser = denoiser;
    this.chain = chain;
    this.grid = new PatchGrid(shape.side(), shape.patch(), shape.channels());
    this.batch = new NoiseBatch(grid, 2 * AT_ONCE);
    this.found = new float[Math.multiplyExact(batch.capacity(), grid.values())];
    try (Turns.Turn _ = device.turn()) {
      this.slot = new NoiseInputs(device, batch, shape);
      this.floats = device.allocate("predictions", DType.F32, found.length);
    }
  }

  /**
   * Draws images.
   *
   * @return planes of each, [channels, height, width], from -1 to 1
   */
  public float[][] draw(Order order, Progress progress) {
    try (Turns.Turn _ = device.turn()) {
      return inTurn(order, progress);
    }
  }

  private float[][] inTurn(Order order, Progress progress) {
    order.labels.forEach(this::checkClass);
    float[][] images = new float[order.count()][];
    long rounds = Math.ceilDiv(order.count(), AT_ONCE);
    for (int round = 0; round < rounds; round++) {
      int first = round * AT_ONCE;
      int count = Math.min(AT_ONCE, order.count() - first);
      for (int i = first; i < first + count; i++) {
        images[i] = chain.start(order.seed, i, grid.values());
      }
      float[][] drawn = Arrays.copyOfRange(images, first, first + count);
      for (int step = 0; step < chain.length(); step++) {
        predict(drawn, chain.timestep(step), order, first);
        for (int i = 0; i < count; i++) {
          chain.step(step, drawn[i], prediction(i, count, order), order.seed, first + i);
        }
        progress.done(round * (long) chain.length() + step + 1, rounds * chain.length());
      }
    }
    return images;
  }

  private void checkClass(int label) {
    int classes = denoiser.shape().classes();
    if (label < Order.NO_CLASS || label >= classes) {
      throw new BadInputException(
          classes == 0
              ? "This model was trained without classes: leave the class out"
              : Format.text("There is no class %d: the model knows 0 to %d", label, classes - 1));
    }
  }

  /** Runs the model on images, with their classes first and then, if guided, without. */
  private void predict(float[][] images, int t, Order order, int first) {
    int none = denoiser.shape().noClass();
    batch.clear();
    for (int i = 0; i < images.length; i++) {
      int label = order.labels.get(first + i);
      batch.add(images[i], null, 0, t, label == Order.NO_CLASS ? none : label, 1);
    }
    if (order.guided()) {
      for (float[] image : images) {
        batch.add(image, null, 0, t, none, 1);
      }
    }
    slot.load(batch);
    slot.swap();
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor noise = denoiser.forward(tape, slot.input());
      Buffer place = floats.slice(0, noise.data().length());
      device.kernels().copy(place, noise.data());
      int count = Math.toIntExact(place.length());
      device.download(MemorySegment.ofArray(found).asSlice(0, (long) count * Float.BYTES), place);
    }
  }

  /** What was predicted for image {@code i} of {@code count}, as planes. */
  private float[] prediction(int i, int count, Order order) {
    float[] planes = new float[grid.values()];
    grid.fromWritten(found, i * grid.values(), planes, 0);
    if (order.guided()) {
      float[] without = new float[grid.values()];
      grid.fromWritten(found, (count + i) * grid.values(), without, 0);
      for (int j = 0; j < planes.length; j++) {
        planes[j] = (float) (without[j] + order.guidance * (planes[j] - without[j]));
      }
    }
    return planes;
  }

  /** Frees the buffers; the denoiser stays. */
  @Override
  public void close() {
    try (Turns.Turn _ = device.turn()) {
      if (floats.alive()) {
        slot.close();
        floats.release();
      }
    }
  }
}
