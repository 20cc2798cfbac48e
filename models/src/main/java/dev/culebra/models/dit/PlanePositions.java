package dev.culebra.models.dit;

/**
 * Where a patch stands, as fixed sines and cosines of its column and row (MAE's and DiT's {@code
 * get_2d_sincos_pos_embed}): the first half of a row tells the column, the second the row, each as
 * sines and then cosines of {@code position / 10000^(i / (C/4))} for i below C/4.
 */
final class PlanePositions {
  private static final double LONGEST_PERIOD = 10_000;

  private PlanePositions() {}

  /**
   * The table of a square of patches, [side side, width].
   *
   * @param width C, a multiple of 4
   */
  static float[] table(int side, int width) {
    float[] table = new float[Math.toIntExact((long) side * side * width)];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int at = (y * side + x) * width;
        embed(x, table, at, width / 4);
        embed(y, table, at + width / 2, width / 4);
      }
    }
    return table;
  }

  private static void embed(int position, float[] table, int at, int quarter) {
    for (int i = 0; i < quarter; i++) {
      double angle = position / Math.pow(LONGEST_PERIOD, (double) i / quarter);
      table[at + i] = (float) Math.sin(angle);
      table[at + quarter + i] = (float) Math.cos(angle);
    }
  }
}
