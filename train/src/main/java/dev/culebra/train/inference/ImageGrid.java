package dev.culebra.train.inference;

import java.awt.image.BufferedImage;

/** Images set into a grid that is about as wide as it is high. */
public final class ImageGrid {

  /** Pixels between images. */
  private static final int GAP = 2;

  private static final int WHITE = 0xFFFFFF;

  private ImageGrid() {}

  /**
   * A grid of images, from left to right and from the top, on white.
   *
   * @param planes of each, [channels, side, side], from -1 (black) to 1 (white)
   */
  public static BufferedImage of(float[][] planes, int side, int channels) {
    return of(planes, side, channels, (int) Math.ceil(Math.sqrt(planes.length)));
  }

  /** The same with so many images in a row. */
  public static BufferedImage of(float[][] planes, int side, int channels, int columns) {
    int rows = Math.ceilDiv(planes.length, columns);
    int step = side + GAP;
    BufferedImage grid =
        new BufferedImage(columns * step + GAP, rows * step + GAP, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < grid.getHeight(); y++) {
      for (int x = 0; x < grid.getWidth(); x++) {
        grid.setRGB(x, y, WHITE);
      }
    }
    for (int i = 0; i < planes.length; i++) {
      int left = GAP + i % columns * step;
      int top = GAP + i / columns * step;
      for (int pixel = 0; pixel < side * side; pixel++) {
        int rgb = rgb(planes[i], side * side, channels, pixel);
        grid.setRGB(left + pixel % side, top + pixel / side, rgb);
      }
    }
    return grid;
  }

  private static int rgb(float[] planes, int area, int channels, int pixel) {
    int rgb = 0;
    for (int c = 0; c < 3; c++) {
      float value = planes[channels == 1 ? pixel : c * area + pixel];
      rgb = rgb << 8 | Math.clamp(Math.round((value + 1) * 127.5f), 0, 255);
    }
    return rgb;
  }
}
