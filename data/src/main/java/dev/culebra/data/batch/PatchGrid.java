package dev.culebra.data.batch;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * A square image cut into square patches, one row each, from left to right and from the top.
 *
 * <p>A row that a model reads has its values as a convolution's weight has them, [channels, y, x]:
 * so a patch embedding is a linear layer over such rows. A row that a denoiser writes has them as
 * DiT's last layer does, [y, x, channels]. Images themselves are planes, [channels, height, width].
 */
public final class PatchGrid {

  private final int side;
  private final int patch;
  private final int channels;
  private final int[] read;
  private final int[] written;

  /**
   * A grid.
   *
   * @param side of the image, in pixels
   * @param patch side of a patch; divides {@code side}
   * @param channels values per pixel
   */
  public PatchGrid(int side, int patch, int channels) {
    if (patch < 1 || channels < 1 || side < 1 || side % patch != 0) {
      throw new BadInputException(
          Format.text(
              "Patches of %d pixels do not fill images of %d x %d with %d channels: choose a side"
                  + " that divides",
              patch, side, side, channels));
    }
    this.side = side;
    this.patch = patch;
    this.channels = channels;
    this.read = new int[values()];
    this.written = new int[values()];
    int place = 0;
    for (int row = 0; row < side / patch; row++) {
      for (int column = 0; column < side / patch; column++) {
        for (int i = 0; i < patchValues(); i++) {
          int area = patch * patch;
          read[place + i] = plane(row, column, i / area, i % area);
          written[place + i] = plane(row, column, i % channels, i / channels);
        }
        place += patchValues();
      }
    }
  }

  /** The place in the planes of a pixel of a patch. */
  private int plane(int row, int column, int channel, int pixel) {
    int y = row * patch + pixel / patch;
    int x = column * patch + pixel % patch;
    return (channel * side + y) * side + x;
  }

  /** Side of the image, in pixels. */
  public int side() {
    return side;
  }

  /** Values per pixel. */
  public int channels() {
    return channels;
  }

  /** Patches of an image: rows. */
  public int patches() {
    return (side / patch) * (side / patch);
  }

  /** Values of a patch. */
  public int patchValues() {
    return patch * patch * channels;
  }

  /** Values of an image. */
  public int values() {
    return Math.toIntExact((long) side * side * channels);
  }

  /** Lays planes from {@code from} on out as rows to be read, from {@code at} on. */
  public void toRead(float[] planes, int from, float[] rows, int at) {
    for (int i = 0; i < read.length; i++) {
      rows[at + i] = planes[from + read[i]];
    }
  }

  /** Lays planes from {@code from} on out as rows to be written, from {@code at} on. */
  public void toWritten(float[] planes, int from, float[] rows, int at) {
    for (int i = 0; i < written.length; i++) {
      rows[at + i] = planes[from + written[i]];
    }
  }

  /** Planes of rows to be read: the way back of {@link #toRead}. */
  public void fromRead(float[] rows, int at, float[] planes, int from) {
    for (int i = 0; i < read.length; i++) {
      planes[from + read[i]] = rows[at + i];
    }
  }

  /** Planes of the rows that a denoiser wrote: the way back of {@link #toWritten}. */
  public void fromWritten(float[] rows, int at, float[] planes, int from) {
    for (int i = 0; i < written.length; i++) {
      planes[from + written[i]] = rows[at + i];
    }
  }
}
