package dev.culebra.runtime.kernel;

/**
 * Counter-based noise of the standard Gumbel distribution, -log(-log u): the index of the largest
 * sum of a logit and its noise is a draw from the softmax (Gumbel 1954; Maddison et al. 2014,
 * arXiv:1411.0030).
 *
 * <p>The twin of {@code gumbel.cuh}, bit by bit: nothing but additions, products and fused
 * multiply-adds in a stated order, so that every device draws the same tokens from the same logits.
 */
public final class Gumbel {

  /** Coefficients of log(1 + r) for 1 + r from sqrt(1/2) to sqrt(2), as Cephes has them. */
  private static final float[] SERIES = {
    7.0376836292e-2f,
    -1.1514610310e-1f,
    1.1676998740e-1f,
    -1.2420140846e-1f,
    1.4249322787e-1f,
    -1.6668057665e-1f,
    2.0000714765e-1f,
    -2.4999993993e-1f,
    3.3333331174e-1f
  };

  private static final int ROOT_HALF = 0x3f3504f3;

  private Gumbel() {}

  /**
   * The noise of column {@code col} of row {@code row}.
   *
   * @param seed of the step
   * @param stream which of the step's users of random bits
   */
  public static float of(int seed, int stream, int row, int col) {
    int bits = RandomBits.of(seed, stream, (long) row << 32 | col);
    float unit = ((bits >>> 9) + 0.5f) * 0x1p-23f;
    return -log(-log(unit));
  }

  /** The natural logarithm of a positive normal number, within 1e-6 of its size. */
  static float log(float x) {
    int bits = Float.floatToRawIntBits(x) - ROOT_HALF;
    float exponent = bits >> 23;
    float r = Float.intBitsToFloat((bits & 0x7fffff) + ROOT_HALF) - 1;
    float series = SERIES[0];
    for (int i = 1; i < SERIES.length; i++) {
      series = Math.fma(series, r, SERIES[i]);
    }
    float square = r * r;
    float cubic = r * square;
    float rest = Math.fma(exponent, -2.12194440e-4f, cubic * series);
    float most = r + Math.fma(-0.5f, square, rest);
    return Math.fma(exponent, 0.693359375f, most);
  }
}
