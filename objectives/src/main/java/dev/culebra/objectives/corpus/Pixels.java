package dev.culebra.objectives.corpus;

/** An image's unsigned bytes, [height, width, channels]. */
final class Pixels {
  private final int width;
  private final int height;
  private final int channels;
  private final byte[] bytes;

  Pixels(int width, int height, int channels, byte[] bytes) {
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.bytes = bytes;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  int channels() {
    return channels;
  }

  byte[] bytes() {
    return bytes;
  }

  /**
   * The same image in grey or in colour: grey is ITU-R BT.601's luma, 0.299 R + 0.587 G + 0.114 B;
   * a grey image in colour has three equal channels.
   */
  Pixels withChannels(int wanted) {
    if (wanted == channels) {
      return this;
    }
    int area = width * height;
    byte[] converted = new byte[Math.multiplyExact(area, wanted)];
    for (int i = 0; i < area; i++) {
      if (wanted == 1) {
        converted[i] = (byte) luma(bytes, 3 * i);
      } else {
        converted[3 * i] = bytes[i];
        converted[3 * i + 1] = bytes[i];
        converted[3 * i + 2] = bytes[i];
      }
    }
    return new Pixels(width, height, wanted, converted);
  }

  private static int luma(byte[] rgb, int at) {
    return (299 * Byte.toUnsignedInt(rgb[at])
            + 587 * Byte.toUnsignedInt(rgb[at + 1])
            + 114 * Byte.toUnsignedInt(rgb[at + 2])
            + 500)
        / 1000;
  }
}
