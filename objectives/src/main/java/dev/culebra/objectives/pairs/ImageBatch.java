package dev.culebra.objectives.pairs;

import dev.culebra.data.image.Normalisation;
import dev.culebra.data.read.LabelledImage;
import java.util.Objects;

/**
 * Images cut into patches, so that a linear layer over rows does what a convolution with a stride
 * of the patch's side does (Dosovitskiy et al. 2020, arXiv:2010.11929).
 *
 * <p>Patches go row by row from the top left; the values of one lie as a convolution's weights do:
 * [channel, row, column].
 */
public final class ImageBatch implements EncoderBatch {

  private final int side;
  private final int channels;
  private final int patch;
  private final Normalisation numbers;
  private final int capacity;
  private final float[] planes;
  private final float[] values;
  private int count;

  /**
   * Room for images.
   *
   * @param images how many fit
   * @param side of an image, in pixels
   * @param channels 1 or 3
   * @param patch side of a patch, in pixels; divides the image's
   * @param numbers what bytes become
   */
  public ImageBatch(int images, int side, int channels, int patch, Normalisation numbers) {
    if (patch < 1 || side % patch != 0) {
      throw new IllegalArgumentException("patches of " + patch + " pixels in images of " + side);
    }
    this.side = side;
    this.channels = channels;
    this.patch = patch;
    this.numbers = numbers;
    this.capacity = images;
    this.planes = new float[side * side * channels];
    this.values = new float[Math.multiplyExact(images, planes.length)];
  }

  @Override
  public void begin() {
    count = 0;
  }

  @Override
  public void add(EncoderInput member) {
    if (!(member instanceof EncoderInput.Image(LabelledImage image))) {
      throw new IllegalArgumentException("images were given a text");
    }
    if (image.width() != side || image.height() != side || image.channels() != channels) {
      throw new IllegalArgumentException("an image of another size: " + image.where());
    }
    Objects.checkIndex(count, capacity);
    image.toPlanes(numbers, planes, 0);
    int at = count++ * planes.length;
    for (int top = 0; top < side; top += patch) {
      for (int left = 0; left < side; left += patch) {
        at = write(top, left, at);
      }
    }
  }

  private int write(int top, int left, int to) {
    int at = to;
    for (int channel = 0; channel < channels; channel++) {
      for (int row = top; row < top + patch; row++) {
        System.arraycopy(planes, (channel * side + row) * side + left, values, at, patch);
        at += patch;
      }
    }
    return at;
  }

  @Override
  public void finish() {
    // every image has the same number of patches: there is nothing to fill up
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  /** Patches of one image. */
  public int patches() {
    return side / patch * (side / patch);
  }

  /** Values of one patch. */
  public int patchSize() {
    return channels * patch * patch;
  }

  /** The patches of all images, one behind the other. */
  public float[] values() {
    return values;
  }
}
