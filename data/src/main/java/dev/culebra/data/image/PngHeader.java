package dev.culebra.data.image;

import dev.culebra.runtime.text.Format;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The header of a PNG file.
 *
 * @param depth bits of a sample
 * @param colour 0 grey, 2 colours, 3 palette, 4 grey with alpha, 6 colours with alpha
 * @param interlaced by Adam7
 */
record PngHeader(int width, int height, int depth, int colour, boolean interlaced) {
  static final int GREY = 0;
  static final int PALETTE = 3;

  /** Samples of a pixel by kind of colour. */
  private static final Map<Integer, Integer> SAMPLES = Map.of(0, 1, 2, 3, 3, 1, 4, 2, 6, 4);

  private static final int LENGTH = 13;

  static PngHeader read(byte[] data) throws ImageFlaw {
    if (data.length != LENGTH) {
      throw ImageFlaw.broken(Format.text("its header has %d bytes", data.length));
    }
    ByteBuffer in = ByteBuffer.wrap(data);
    long width = Integer.toUnsignedLong(in.getInt());
    long height = Integer.toUnsignedLong(in.getInt());
    int depth = in.get();
    int colour = in.get();
    if (!known(depth, colour)) {
      throw ImageFlaw.broken(
          Format.text("there is no kind %d of colour with %d bits", colour, depth));
    }
    if (in.getShort() != 0) {
      throw ImageFlaw.broken("its compression or filter is not that of PNG");
    }
    int interlace = in.get();
    if (interlace != 0 && interlace != 1) {
      throw ImageFlaw.broken(Format.text("there is no interlacing %d", interlace));
    }
    ImageBounds.check(width, height, 3);
    return new PngHeader((int) width, (int) height, depth, colour, interlace == 1);
  }

  private static boolean known(int depth, int colour) {
    return switch (colour) {
      case GREY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
      case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
      case 2, 4, 6 -> depth == 8 || depth == 16;
      default -> false;
    };
  }

  private int bitsPerPixel() {
    return SAMPLES.get(colour) * depth;
  }

  /** Bytes between a sample and the same one of the pixel before, for the filters. */
  int step() {
    return Math.max(1, bitsPerPixel() / 8);
  }

  /** Bytes of so many pixels in a row. */
  int rowBytes(int pixels) {
    return Math.toIntExact(((long) pixels * bitsPerPixel() + 7) / 8);
  }
}
