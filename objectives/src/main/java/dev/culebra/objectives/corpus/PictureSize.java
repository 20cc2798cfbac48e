package dev.culebra.objectives.corpus;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * What pictures are brought to.
 *
 * @param side of the square, in pixels
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param resize whether pictures of another size are resized, each side on its own; otherwise they
 *     are bad rows
 */
public record PictureSize(int side, int channels, boolean resize) {
  private static final int LARGEST = 1 << 12;

  /**
   * Checks the sizes.
   *
   * @throws BadInputException if the side is not from 1 to 4096 or the channels are not 1 or 3
   */
  public PictureSize {
    if (side < 1 || side > LARGEST) {
      throw new BadInputException(
          Format.text("The side of pictures must be from 1 to %d pixels, not %d", LARGEST, side));
    }
    if (channels != 1 && channels != 3) {
      throw new BadInputException(
          "Pictures have 1 channel (grey) or 3 (red, green, blue), not " + channels);
    }
  }

  /** The same size, with pictures of another one resized or not. */
  public PictureSize resizing(boolean resized) {
    return new PictureSize(side, channels, resized);
  }

  /**
   * Brings an image to this size.
   *
   * @throws BadInputException if it has another and is not to be resized
   */
  Pixels fit(Pixels image, Place where) {
    boolean same = image.width() == side && image.height() == side;
    if (!same && !resize) {
      throw new BadInputException(
          Format.text(
              "%s is %d x %d pixels, not %d x %d",
              where, image.width(), image.height(), side, side));
    }
    Pixels sized = same ? image : AreaAverage.resize(image, side, side);
    return sized.withChannels(channels);
  }
}
