package dev.culebra.data.image;

import dev.culebra.runtime.text.Format;

/** How large an image may be, judged by its header. */
final class ImageBounds {

  /** Where Pillow sees a decompression bomb: twice a quarter of 2^30 bytes of red, green, blue. */
  static final long MOST_PIXELS = 2 * ((1L << 28) / 3);

  /** Far beyond any image; a row of all pixels would need more memory to be resized. */
  private static final int LONGEST_SIDE = 1 << 20;

  private ImageBounds() {}

  /**
   * Refuses what is too large.
   *
   * @param bytesPerPixel what decoding needs at once
   */
  static void check(long width, long height, int bytesPerPixel) throws ImageFlaw {
    if (width < 1 || height < 1) {
      throw ImageFlaw.broken(Format.text("it has %d x %d pixels", width, height));
    }
    if (width > LONGEST_SIDE || height > LONGEST_SIDE || width * height > MOST_PIXELS) {
      throw new ImageFlaw(
          Format.text(
              "has %d x %d pixels: at most %,d are read, and %,d on a side",
              width, height, MOST_PIXELS, LONGEST_SIDE));
    }
    long needed = width * height * bytesPerPixel;
    long room = Runtime.getRuntime().maxMemory() / 2;
    if (needed > room) {
      throw new ImageFlaw(
          Format.text(
              "has %d x %d pixels, which need %,d MiB to be read: more than half of the memory of"
                  + " the JVM; make it smaller or give more by -Xmx",
              width, height, needed >> 20));
    }
  }
}
