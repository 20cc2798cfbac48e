package dev.culebra.objectives.diffusion;

import dev.culebra.data.batch.PatchGrid;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.dit.DenoiserShape;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.text.Format;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The place of a batch of noised images: pixels, what is asked of them, and what is told. */
public final class NoiseInputs implements DeviceInputs<NoiseBatch> {

  private final DenoiserShape shape;
  private final int capacity;
  private final long rows;
  private final long values;
  private final Buffer layout;
  private final Inlet told;
  private final Inlet pixels;
  private int loaded;
  private int count;

  /** A place for batches of the size of {@code like}, read by a denoiser of that shape. */
  public NoiseInputs(Device device, NoiseBatch like, DenoiserShape shape) {
    PatchGrid grid = like.grid();
    if (grid.patches() != shape.patches() || grid.patchValues() != shape.patchValues()) {
      throw new BadInputException(
          Format.text(
              "images of %d x %d x %d in %d patches are not those of the model, %d x %d x %d in %d",
              grid.side(),
              grid.side(),
              grid.channels(),
              grid.patches(),
              shape.side(),
              shape.side(),
              shape.channels(),
              shape.patches()));
    }
    this.shape = shape;
    this.capacity = like.capacity();
    this.rows = Math.multiplyExact((long) capacity, shape.patches());
    this.values = rows * shape.patchValues();
    this.layout = device.allocate("rows of images", DType.I32, 4 * rows);
    device.upload(layout, MemorySegment.ofArray(layout()));
    this.told = device.inlet("steps and classes", 2L * capacity);
    this.pixels = device.inlet("noised images", DType.F32, 2 * values + rows);
  }

  /** Of each row: its image, its place in it, and the first and last row of its image. */
  private int[] layout() {
    int n = Math.toIntExact(rows);
    int patches = shape.patches();
    int[] all = new int[Math.multiplyExact(4, n)];
    for (int row = 0; row < n; row++) {
      int image = row / patches;
      all[row] = image;
      all[n + row] = row % patches;
      all[2 * n + row] = image * patches;
      all[3 * n + row] = (image + 1) * patches;
    }
    return all;
  }

  @Override
  public void load(NoiseBatch batch) {
    int images = batch.count();
    for (int i = 0; i < images; i++) {
      check("step", batch.steps()[i], shape.steps());
      check("class", batch.classes()[i], shape.classes() + 1);
    }
    copy(batch.steps(), told.host(), 0, images);
    copy(batch.classes(), told.host(), capacity, images);
    told.send();
    MemorySegment host = pixels.host();
    int used = Math.multiplyExact(images, batch.grid().values());
    copy(batch.noised(), host, 0, used);
    copy(batch.targets(), host, values, used);
    int patches = shape.patches();
    for (int row = 0; row < images * patches; row++) {
      // The error of an image is the mean over its rows.
      float weight = batch.weights()[row / patches] / patches;
      host.setAtIndex(ValueLayout.JAVA_FLOAT, 2 * values + row, weight);
    }
    pixels.send();
    loaded = images;
  }

  private static void check(String what, int value, int limit) {
    if (value < 0 || value >= limit) {
      throw new BadInputException(
          Format.text("%s %d is not one of the model's %d", what, value, limit));
    }
  }

  private static void copy(int[] source, MemorySegment host, long at, int count) {
    MemorySegment.copy(source, 0, host, ValueLayout.JAVA_INT, at * Integer.BYTES, count);
  }

  private static void copy(float[] source, MemorySegment host, long at, int count) {
    MemorySegment.copy(source, 0, host, ValueLayout.JAVA_FLOAT, at * Float.BYTES, count);
  }

  @Override
  public void swap() {
    told.swap();
    pixels.swap();
    count = loaded;
  }

  /** How many images there are. */
  @Override
  public Integer shape() {
    return count;
  }

  /** What a denoiser reads of the batch. */
  public Denoiser.Input input() {
    long n = rowCount();
    return new Denoiser.Input(
        pixels.buffer().slice(0, n * shape.patchValues()),
        told.buffer().slice(0, count),
        told.buffer().slice(capacity, count),
        layout.slice(0, n),
        layout.slice(rows, n),
        new Intervals(layout.slice(2 * rows, n), layout.slice(3 * rows, n)),
        count);
  }

  /** What is asked of it, F32, rows x values of a patch. */
  Buffer targets() {
    return pixels.buffer().slice(values, rowCount() * shape.patchValues());
  }

  /** The weight of each row's error, F32. */
  Buffer weights() {
    return pixels.buffer().slice(2 * values, rowCount());
  }

  private long rowCount() {
    return (long) count * shape.patches();
  }

  @Override
  public void close() {
    if (layout.alive()) {
      layout.release();
      told.close();
      pixels.close();
    }
  }
}
