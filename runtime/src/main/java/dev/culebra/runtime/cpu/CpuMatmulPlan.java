package dev.culebra.runtime.cpu;

/**
 * How a product of m x k and k x n is cut. It depends on the shape alone (and on the processor), so
 * results do not depend on the number of threads.
 *
 * @param method how a piece is computed
 * @param pieces number of pieces
 * @param pieceRows rows of a piece; fewer in the last ones
 * @param pieceCols columns of a piece; fewer in the last ones
 */
record CpuMatmulPlan(Method method, long pieces, long pieceRows, long pieceCols) {

  /**
   * How a piece is computed. OpenBLAS copies the factors of a product into an order that suits it;
   * on some processors it multiplies small ones without, which is faster if all is in cache.
   */
  enum Method {
    /** By one call. */
    WHOLE,

    /**
     * As a sum of small products, each over the whole piece. Copying is slow where rows lie far
     * apart and few results are made of them, as in gradients of weights: k is the number of tokens
     * there.
     */
    SUM,

    /** As such a sum too, with the right factor copied to narrow panels, which stay in cache. */
    PANELS
  }

  /** Terms of a small product: OpenBLAS's limit is 10^6. */
  static final long SMALL = 128 * 128 * 60;

  /** Columns of a small product of {@link Method#SUM}. */
  static final long SUM_COLS = 128;

  private static final long SUM_ROWS = 128;

  /** Rows of a small product of {@link Method#PANELS}. */
  static final long PANEL_ROWS = 64;

  /** Columns of a panel. */
  static final long PANEL_COLS = 64;

  /** Rows of a panel. */
  static final long PANEL_DEPTH = 128;

  private static final long MOST_COLS = 512;

  /** Floats of the panels of a piece. */
  static final long PANELS = MOST_COLS * PANEL_DEPTH;

  /** Most terms for panels: beyond, a piece of the left factor does not stay in cache. */
  private static final long DEEPEST = 512;

  /** Floats of a right factor that is cheap to transpose for panels, since it stays in cache. */
  private static final long CACHED = 1 << 18;

  private static final long SMALLEST = 64;

  /** The plan for a shape. */
  static CpuMatmulPlan of(long m, long n, long k, boolean transposeA, boolean transposeB) {
    if (m < SUM_ROWS || !Blas.multipliesSmall()) {
      return whole(m, n);
    }
    if (transposeB) {
      boolean panels = !transposeA && (k <= PANEL_DEPTH || n * k <= CACHED);
      return panels ? panels(m, n) : whole(m, n);
    }
    boolean sum = transposeA || k > DEEPEST || k >= 2 * n;
    return sum ? cut(Method.SUM, m, n, SUM_ROWS, 3 * SUM_COLS, 4) : panels(m, n);
  }

  private static CpuMatmulPlan whole(long m, long n) {
    return cut(Method.WHOLE, m, n, 512, MOST_COLS, 8);
  }

  private static CpuMatmulPlan panels(long m, long n) {
    return cut(Method.PANELS, m, n, 512, MOST_COLS, 8);
  }

  /** Halves the longer side of pieces until there are enough of them, or they are small. */
  private static CpuMatmulPlan cut(
      Method method, long m, long n, long mostRows, long mostCols, long enough) {
    long rows = Math.max(1, Math.min(m, mostRows));
    long cols = Math.max(1, Math.min(n, mostCols));
    while (count(m, n, rows, cols) < enough && Math.max(rows, cols) > SMALLEST) {
      if (rows > cols) {
        rows = Math.max(SMALLEST, half(rows));
      } else {
        cols = Math.max(SMALLEST, half(cols));
      }
    }
    return new CpuMatmulPlan(method, count(m, n, rows, cols), rows, cols);
  }

  private static long count(long m, long n, long rows, long cols) {
    return Math.ceilDiv(m, rows) * Math.ceilDiv(n, cols);
  }

  /** Half, rounded up to full cache lines. */
  private static long half(long size) {
    return Math.ceilDiv(size, 32) * 16;
  }
}
