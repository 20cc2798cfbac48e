package dev.culebra.objectives.corpus;

/**
 * Resizes by area: a new pixel is the mean of the old ones that its area covers, each weighted by
 * how much of it is covered. Rows and columns are done in turn.
 */
final class AreaAverage {
  private AreaAverage() {}

  /** The image at another size, larger or smaller on either side. */
  static Pixels resize(Pixels image, int width, int height) {
    int channels = image.channels();
    float[] values = new float[image.bytes().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Byte.toUnsignedInt(image.bytes()[i]);
    }
    float[] narrowed = average(values, image.height(), image.width(), width, channels);
    float[] resized = average(narrowed, 1, image.height(), height, width * channels);
    byte[] bytes = new byte[resized.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(resized[i]);
    }
    return new Pixels(width, height, channels, bytes);
  }

  /** From [outer, from, inner] to [outer, to, inner]. */
  private static float[] average(float[] values, int outer, int from, int to, int inner) {
    float[] means = new float[Math.multiplyExact(Math.multiplyExact(outer, to), inner)];
    double scale = (double) from / to;
    for (int j = 0; j < to; j++) {
      double start = j * scale;
      double end = Math.min(from, (j + 1) * scale);
      for (int k = (int) start; k < end; k++) {
        float weight = (float) ((Math.min(end, k + 1) - Math.max(start, k)) / (end - start));
        for (int o = 0; o < outer; o++) {
          int target = (o * to + j) * inner;
          int source = (o * from + k) * inner;
          for (int i = 0; i < inner; i++) {
            means[target + i] += weight * values[source + i];
          }
        }
      }
    }
    return means;
  }
}
