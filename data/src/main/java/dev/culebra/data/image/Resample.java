package dev.culebra.data.image;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/**
 * Pillow's filters for resizing, by its numbers, and its way of resizing: columns, then rows, in
 * fixed point of 22 bits, rounded to bytes after either (src/libImaging/Resample.c). A filter is
 * widened where an image gets smaller, so that no pixel is passed over.
 */
public enum Resample {
  /** The pixel that lies where the new one's centre falls. */
  NEAREST(0, 0, x -> 1),
  /** Lanczos's, of three lobes. */
  LANCZOS(1, 3, x -> -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0),
  /** A triangle. */
  BILINEAR(2, 1, x -> Math.max(0, 1 - Math.abs(x))),
  /** Keys's, with a = -0.5. */
  BICUBIC(3, 2, Resample::cubic),
  /** The mean. */
  BOX(4, 0.5, x -> x > -0.5 && x <= 0.5 ? 1 : 0),
  /** A Hamming window. */
  HAMMING(5, 1, Resample::hamming);

  private static final int BITS = 22;

  private final int number;
  private final double support;
  private final DoubleUnaryOperator filter;

  Resample(int number, double support, DoubleUnaryOperator filter) {
    this.number = number;
    this.support = support;
    this.filter = filter;
  }

  /** The number in configuration files. */
  public int number() {
    return number;
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
  }

  private static double cubic(double signed) {
    double a = -0.5;
    double x = Math.abs(signed);
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }

  private static double hamming(double signed) {
    double x = Math.abs(signed);
    if (x == 0) {
      return 1;
    }
    return x >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * Math.cos(x * Math.PI));
  }

  /** The image at another size. */
  public Pixels resize(Pixels image, int width, int height) {
    if (this == NEAREST) {
      return nearest(image, width, height);
    }
    Pixels narrowed = width == image.width() ? image : columns(image, width);
    return height == image.height() ? narrowed : rows(narrowed, height);
  }

  private static Pixels nearest(Pixels image, int width, int height) {
    int[] columns = centres(image.width(), width);
    int[] rows = centres(image.height(), height);
    int channels = image.channels();
    byte[] bytes = new byte[size(width, height, channels)];
    int at = 0;
    for (int row : rows) {
      for (int column : columns) {
        int from = (row * image.width() + column) * channels;
        for (int c = 0; c < channels; c++) {
          bytes[at++] = image.bytes()[from + c];
        }
      }
    }
    return new Pixels(width, height, channels, bytes);
  }

  private static int[] centres(int from, int to) {
    int[] centres = new int[to];
    double step = (double) from / to;
    double centre = step * 0.5;
    for (int i = 0; i < to; i++) {
      centres[i] = Math.min(from - 1, (int) centre);
      centre += step;
    }
    return centres;
  }

  /** The weights of the old pixels in each new one, {@code most} places for each. */
  private record Weights(int[] first, int[] count, int most, int[] values) {}

  private Weights weights(int from, int to) {
    double scale = (double) from / to;
    double widened = Math.max(1, scale);
    double reach = support * widened;
    int most = (int) Math.ceil(reach) * 2 + 1;
    Weights weights = new Weights(new int[to], new int[to], most, new int[size(to, most, 1)]);
    double[] shares = new double[most];
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * scale;
      int first = Math.max(0, (int) (centre - reach + 0.5));
      int count = Math.min(from, (int) (centre + reach + 0.5)) - first;
      double sum = 0;
      for (int k = 0; k < count; k++) {
        shares[k] = filter.applyAsDouble((k + first - centre + 0.5) * (1 / widened));
        sum += shares[k];
      }
      weights.first[i] = first;
      weights.count[i] = count;
      for (int k = 0; k < count; k++) {
        double share = (sum == 0 ? shares[k] : shares[k] / sum) * (1 << BITS);
        weights.values[i * most + k] = (int) (share < 0 ? share - 0.5 : share + 0.5);
      }
    }
    return weights;
  }

  private Pixels columns(Pixels image, int width) {
    Weights weights = weights(image.width(), width);
    int channels = image.channels();
    byte[] source = image.bytes();
    byte[] bytes = new byte[size(width, image.height(), channels)];
    int at = 0;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < width; x++) {
        int from = (y * image.width() + weights.first[x]) * channels;
        for (int c = 0; c < channels; c++) {
          int sum = 1 << (BITS - 1);
          for (int k = 0; k < weights.count[x]; k++) {
            sum += (source[from + k * channels + c] & 0xFF) * weights.values[x * weights.most + k];
          }
          bytes[at++] = clamped(sum);
        }
      }
    }
    return new Pixels(width, image.height(), channels, bytes);
  }

  private Pixels rows(Pixels image, int height) {
    Weights weights = weights(image.height(), height);
    int length = image.width() * image.channels();
    byte[] source = image.bytes();
    byte[] bytes = new byte[size(image.width(), height, image.channels())];
    int[] sums = new int[length];
    for (int y = 0; y < height; y++) {
      Arrays.fill(sums, 1 << (BITS - 1));
      for (int k = 0; k < weights.count[y]; k++) {
        int weight = weights.values[y * weights.most + k];
        int from = (weights.first[y] + k) * length;
        for (int i = 0; i < length; i++) {
          sums[i] += (source[from + i] & 0xFF) * weight;
        }
      }
      for (int i = 0; i < length; i++) {
        bytes[y * length + i] = clamped(sums[i]);
      }
    }
    return new Pixels(image.width(), height, image.channels(), bytes);
  }

  private static byte clamped(int sum) {
    return (byte) Math.clamp(sum >> BITS, 0, 255);
  }

  private static int size(int width, int height, int channels) {
    return Math.multiplyExact(Math.multiplyExact(width, height), channels);
  }
}
