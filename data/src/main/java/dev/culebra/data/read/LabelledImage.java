package dev.culebra.data.read;

import dev.culebra.data.image.Normalisation;
import dev.culebra.runtime.text.Format;
import java.util.Objects;

/**
 * An image with what the data says of it.
 *
 * <p>Its pixels are unsigned bytes, row by row from the top, the channels of a pixel side by side:
 * [height, width, channels].
 */
public final class LabelledImage {
  /** The label of an image without one. */
  public static final int NO_LABEL = -1;

  private final int width;
  private final int height;
  private final int channels;
  private final byte[] pixels;
  private final String name;
  private final String caption;
  private final String group;
  private final int label;
  private final Place where;

  /**
   * An image.
   *
   * @param channels 1 (grey) or 3 (red, green, blue)
   * @param pixels kept, not copied
   * @param name its file as the caption file names it; null if none does
   * @param caption what it shows; null if the data does not say
   * @param group what makes images the same thing, so that they are held out together; null if the
   *     data does not say
   * @param label its class from 0, or {@link #NO_LABEL}
   */
  public LabelledImage(
      int width,
      int height,
      int channels,
      byte[] pixels,
      String name,
      String caption,
      String group,
      int label,
      Place where) {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException(channels + " channels, not 1 or 3");
    }
    if (pixels.length != Math.multiplyExact(Math.multiplyExact(width, height), channels)) {
      throw new IllegalArgumentException(
          Format.text("%d pixels for %d x %d x %d", pixels.length, height, width, channels));
    }
    this.width = width;
    this.height = height;
    this.channels = channels;
    this.pixels = pixels;
    this.name = name;
    this.caption = caption;
    this.group = group;
    this.label = label;
    this.where = where;
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

  /** The pixels themselves, [height, width, channels], not a copy. */
  public byte[] pixels() {
    return pixels;
  }

  /** Its file as the caption file names it, or null. */
  public String name() {
    return name;
  }

  /** What it shows, or null. */
  public String caption() {
    return caption;
  }

  /** What makes images the same thing, or null. */
  public String group() {
    return group;
  }

  /** Its class from 0, or {@link #NO_LABEL}. */
  public int label() {
    return label;
  }

  /** Where it stands. */
  public Place where() {
    return where;
  }

  /**
   * Writes the values as a model reads them, in the order of PyTorch's convolutions: [channels,
   * height, width].
   *
   * @param how bytes become numbers, for as many channels
   * @param target receives {@code channels * height * width} values from {@code at} on
   */
  public void toPlanes(Normalisation how, float[] target, int at) {
    int area = width * height;
    Objects.checkFromIndexSize(at, pixels.length, target.length);
    for (int channel = 0; channel < channels; channel++) {
      float[] table = how.table(channel);
      for (int i = 0; i < area; i++) {
        target[at + channel * area + i] = table[pixels[i * channels + channel] & 0xFF];
      }
    }
  }

  /**
   * Writes the values as x / 127.5 - 1, from -1 (black) to 1 (white), in the order of PyTorch's
   * convolutions: [channels, height, width].
   *
   * @param target receives {@code channels * height * width} values from {@code at} on
   */
  public void toPlanes(float[] target, int at) {
    int area = width * height;
    Objects.checkFromIndexSize(at, pixels.length, target.length);
    for (int i = 0; i < pixels.length; i++) {
      int pixel = i / channels;
      int channel = i % channels;
      target[at + channel * area + pixel] = Byte.toUnsignedInt(pixels[i]) / 127.5f - 1;
    }
  }
}
