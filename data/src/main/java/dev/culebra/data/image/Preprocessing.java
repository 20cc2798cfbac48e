package dev.culebra.data.image;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;

/**
 * How an image becomes what a model reads, as transformers' image processors for CLIP and ViT do
 * it: resized, cut or padded around its centre, normalised.
 *
 * @param kind of processor
 * @param resize null for none
 * @param cropHeight and {@code cropWidth}: what is left around the centre; 0 for all
 */
public record Preprocessing(
    Kind kind, Resize resize, int cropHeight, int cropWidth, Normalisation normalisation) {

  /** Pixels that an image may be resized to. */
  private static final long MOST_PIXELS = 1L << 26;

  /** The image processors of transformers that are known. */
  public enum Kind {
    /** CLIP's. */
    CLIP("CLIPImageProcessor"),
    /** ViT's. */
    VIT("ViTImageProcessor");

    private final String type;

    Kind(String type) {
      this.type = type;
    }

    /** The name of the class. */
    public String type() {
      return type;
    }
  }

  /**
   * How an image is resized.
   *
   * @param height in pixels; of the shorter side if the width is 0
   * @param width in pixels; 0 if the longer side follows from the shorter
   */
  public record Resize(int height, int width, Resample filter) {

    private Pixels apply(Pixels image, Object where) {
      long[] size = {width, height};
      if (width == 0) {
        boolean upright = image.width() <= image.height();
        long shorter = Math.min(image.width(), image.height());
        long longer = Math.max(image.width(), image.height());
        long follows = (long) ((double) (height * longer) / shorter);
        size = upright ? new long[] {height, follows} : new long[] {follows, height};
      }
      if (size[0] * size[1] > MOST_PIXELS) {
        throw new BadInputException(
            Format.text(
                "%s is %d x %d pixels and would become %d x %d: too many",
                where, image.width(), image.height(), size[0], size[1]));
      }
      return filter.resize(image, (int) size[0], (int) size[1]);
    }
  }

  /** Squares of a side, whatever an image's own sides are, from -1 (black) to 1 (white). */
  public static Preprocessing square(Kind kind, int side, int channels) {
    return new Preprocessing(
        kind, new Resize(side, side, Resample.BICUBIC), 0, 0, Normalisation.centred(channels));
  }

  /**
   * The same, if it is for a model's images.
   *
   * @param place that says so, for the complaint
   * @throws BadInputException if images come out with another side or other channels
   */
  public Preprocessing requiring(Path place, int side, int channels) {
    if (normalisation.channels() != channels) {
      throw new BadInputException(
          Format.text(
              "%s normalises %d channels of images, and its model reads %d",
              place, normalisation.channels(), channels));
    }
    int[] size = size();
    if (size != null && (size[0] != side || size[1] != side)) {
      throw new BadInputException(
          Format.text(
              "%s makes images of %d x %d pixels, and its model reads %d x %d",
              place, size[1], size[0], side, side));
    }
    return this;
  }

  /** Height and width of what comes out; null if they depend on what comes in. */
  private int[] size() {
    if (cropHeight != 0) {
      return new int[] {cropHeight, cropWidth};
    }
    return resize == null || resize.width == 0 ? null : new int[] {resize.height, resize.width};
  }

  /**
   * The bytes of an image, resized and cut.
   *
   * @param where the image stands, for the complaint
   * @throws BadInputException if they would be too many
   */
  public Pixels apply(Pixels image, Object where) {
    Pixels sized = resize == null ? image : resize.apply(image, where);
    if (cropHeight == 0) {
      return sized;
    }
    return sized.cropped(
        start(sized.width(), cropWidth), start(sized.height(), cropHeight), cropWidth, cropHeight);
  }

  /** Where what is left begins: before the image if that is too small, by the larger half. */
  private static int start(int side, int left) {
    return Math.floorDiv(side - left, 2);
  }
}
