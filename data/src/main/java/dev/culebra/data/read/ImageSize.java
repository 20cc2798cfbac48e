package dev.culebra.data.read;

import dev.culebra.data.image.Pixels;
import dev.culebra.data.image.Preprocessing;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * What images are brought to.
 *
 * @param side of the square, in pixels
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param resize whether images of another size are brought to it; otherwise they are bad rows
 * @param how they are brought to it
 */
public record ImageSize(int side, int channels, boolean resize, Preprocessing how) {
  private static final int LARGEST = 1 << 12;

  /**
   * Checks the sizes.
   *
   * @throws BadInputException if the side is not from 1 to 4096 or the channels are not 1 or 3
   */
  public ImageSize {
    if (side < 1 || side > LARGEST) {
      throw new BadInputException(
          Format.text("The side of images must be from 1 to %d pixels, not %d", LARGEST, side));
    }
    if (channels != 1 && channels != 3) {
      throw new BadInputException(
          "Images have 1 channel (grey) or 3 (red, green, blue), not " + channels);
    }
  }

  /** Images of another size are resized by Pillow's bicubic filter, each side on its own. */
  public ImageSize(int side, int channels, boolean resize) {
    this(side, channels, resize, Preprocessing.square(Preprocessing.Kind.CLIP, side, channels));
  }

  /** The same size, with images of another one resized or not. */
  public ImageSize resizing(boolean resized) {
    return new ImageSize(side, channels, resized, how);
  }

  /** The same size, to which images are brought in a given way. */
  public ImageSize by(Preprocessing way) {
    return new ImageSize(side, channels, resize, way);
  }

  /**
   * Brings an image to this size.
   *
   * @throws BadInputException if it has another and is not to be resized, or would come out of
   *     another
   */
  Pixels fit(Pixels image, Place where) {
    if (!fits(image) && !resize) {
      throw new BadInputException(
          Format.text(
              "%s is %d x %d pixels, not %d x %d",
              where, image.width(), image.height(), side, side));
    }
    Pixels sized = how.apply(image.withChannels(channels), where);
    if (!fits(sized)) {
      throw new BadInputException(
          Format.text(
              "%s is %d x %d pixels and comes out as %d x %d, not as %d x %d, which the model"
                  + " reads",
              where, image.width(), image.height(), sized.width(), sized.height(), side, side));
    }
    return sized;
  }

  private boolean fits(Pixels image) {
    return image.width() == side && image.height() == side;
  }
}
