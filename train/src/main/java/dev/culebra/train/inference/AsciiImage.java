package dev.culebra.train.inference;

/** Images as letters, for a glance where there is nothing but text: the brighter, the denser. */
public final class AsciiImage {

  /** From black to white, as on a dark terminal. */
  private static final String INK = " .:-=+*#%@";

  private AsciiImage() {}

  /**
   * Images side by side; a letter is two pixels high, as letters are.
   *
   * @param planes of each, [channels, side, side], from -1 to 1
   */
  public static String of(float[][] planes, int side, int channels) {
    StringBuilder text = new StringBuilder();
    for (int y = 0; y + 1 < Math.max(2, side); y += 2) {
      for (float[] image : planes) {
        for (int x = 0; x < side; x++) {
          text.append(INK.charAt(ink(image, side, channels, x, y)));
        }
        text.append("  ");
      }
      text.append('\n');
    }
    return text.toString().replaceAll("(?m)[ ]+$", "");
  }

  private static int ink(float[] image, int side, int channels, int x, int y) {
    double sum = 0;
    int below = Math.min(y + 1, side - 1);
    for (int c = 0; c < channels; c++) {
      int plane = c * side * side;
      sum += image[plane + y * side + x] + image[plane + below * side + x];
    }
    double white = (sum / (2 * channels) + 1) / 2;
    return Math.clamp(Math.round(white * (INK.length() - 1)), 0, INK.length() - 1);
  }
}
