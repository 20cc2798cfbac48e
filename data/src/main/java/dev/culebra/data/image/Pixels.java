package dev.culebra.data.image;

import dev.culebra.runtime.text.Format;

/** An image's unsigned bytes, [height, width, channels]. */
public final class Pixels {
  private final int width;
  private final int height;
  private final int channels;
  private final byte[] bytes;

  /**
   * An image.
   *
   * @param channels 1 (grey) or 3 (red, green, blue)
   * @param bytes kept, not copied
   */
  public Pixels(int width, int height, int channels, byte[] bytes) {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException(channels + " channels, not 1 or 3");
    }
    if (bytes.length != Math.multiplyExact(Math.multiplyExact(width, height), channels)) {
      throw new IllegalArgumentException(
          Format.text("%d bytes for %d x %d x %d", bytes.length, height, width, channels));
    }
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.bytes = bytes;
  }

  /** In pixels. */
  public int width() {
    return width;
  }

  /** In pixels. */
  public int height() {
    return height;
  }

  /** 1 (grey) or 3 (red, green, blue). */
  public int channels() {
    return channels;
  }

  /** The bytes themselves, not a copy. */
  public byte[] bytes() {
    return bytes;
  }

  /**
   * The same image in grey or in colour, as Pillow converts: grey is ITU-R BT.601's luma in 16
   * bits, a grey image in colour has three equal channels.
   */
  public Pixels withChannels(int wanted) {
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

  /** 0.299 R + 0.587 G + 0.114 B, Pillow's {@code L24}. */
  private static int luma(byte[] rgb, int at) {
    return (19595 * (rgb[at] & 0xFF)
            + 38470 * (rgb[at + 1] & 0xFF)
            + 7471 * (rgb[at + 2] & 0xFF)
            + 0x8000)
        >> 16;
  }

  /** A part of the image; what lies outside of it is black. */
  public Pixels cropped(int left, int top, int newWidth, int newHeight) {
    byte[] part = new byte[Math.multiplyExact(Math.multiplyExact(newWidth, newHeight), channels)];
    int from = Math.max(0, left);
    int count = Math.min(width, left + newWidth) - from;
    for (int y = Math.max(0, top); y < Math.min(height, top + newHeight) && count > 0; y++) {
      System.arraycopy(
          bytes,
          (y * width + from) * channels,
          part,
          ((y - top) * newWidth + from - left) * channels,
          count * channels);
    }
    return new Pixels(newWidth, newHeight, channels, part);
  }
}
