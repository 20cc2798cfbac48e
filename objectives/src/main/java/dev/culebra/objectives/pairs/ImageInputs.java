package dev.culebra.objectives.pairs;

import dev.culebra.models.nn.TowerInput;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Inlet;
import dev.culebra.runtime.kernel.Intervals;
import java.lang.foreign.MemorySegment;

/** The place of images: their patches, and how these lie in rows, which never changes. */
public final class ImageInputs implements EncoderInputs {

  private static final int PARTS = 6;

  private final Inlet pixels;
  private final Buffer layout;
  private final long patches;
  private final long patchSize;
  private final long most;
  private int loaded;
  private int count;

  ImageInputs(Device device, String name, ImageBatch like) {
    this.patches = like.patches();
    this.patchSize = like.patchSize();
    this.most = Math.multiplyExact(like.capacity(), patches + 1);
    this.pixels = device.inlet(name, DType.F32, like.values().length);
    this.layout = device.allocate(name + ", layout", DType.I32, PARTS * most);
    device.upload(layout, MemorySegment.ofArray(layout(like.capacity())));
  }

  /** Patch, class, position, start and end of each row; then the first row of each image. */
  private int[] layout(int images) {
    int rows = Math.toIntExact(patches + 1);
    int all = Math.toIntExact(most);
    int[] parts = new int[Math.multiplyExact(PARTS, all)];
    for (int r = 0; r < all; r++) {
      int image = r / rows;
      int place = r % rows;
      parts[r] = place == 0 ? -1 : image * (rows - 1) + place - 1;
      parts[all + r] = place == 0 ? 0 : -1;
      parts[2 * all + r] = place;
      parts[3 * all + r] = image * rows;
      parts[4 * all + r] = (image + 1) * rows;
    }
    for (int image = 0; image < images; image++) {
      parts[5 * all + image] = image * rows;
    }
    return parts;
  }

  @Override
  public void load(EncoderBatch members) {
    ImageBatch images = (ImageBatch) members;
    MemorySegment.copy(
        MemorySegment.ofArray(images.values()), 0, pixels.host(), 0, pixels.buffer().bytes());
    pixels.send();
    loaded = images.count();
  }

  @Override
  public void swap() {
    pixels.swap();
    count = loaded;
  }

  @Override
  public Integer shape() {
    return count;
  }

  @Override
  public TowerInput input() {
    long rows = count * (patches + 1);
    long all = count * patches;
    return new TowerInput.Images(
        pixels.buffer().slice(0, all * patchSize),
        all,
        part(0, rows),
        part(1, rows),
        part(2, rows),
        new Intervals(part(3, rows), part(4, rows)),
        part(5, count),
        rows,
        count);
  }

  private Buffer part(long number, long length) {
    return layout.slice(number * most, length);
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public void close() {
    pixels.close();
    if (layout.alive()) {
      layout.release();
    }
  }
}
