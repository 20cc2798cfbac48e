package dev.culebra.operations.reference;

/** Rows turned to directions, and means of rows. */
public final class PoolingReference {

  private static final double LEAST_NORM = 1e-12;

  private PoolingReference() {}

  /** y = x / max(|x|, 1e-12) and 1 / max(|x|, 1e-12), row by row. */
  public static void normalizeRows(int cols, double[] y, double[] inverseNorms, double[] x) {
    for (int i = 0; i < inverseNorms.length; i++) {
      double square = 0;
      for (int j = 0; j < cols; j++) {
        square += x[i * cols + j] * x[i * cols + j];
      }
      inverseNorms[i] = 1 / Math.max(Math.sqrt(square), LEAST_NORM);
      for (int j = 0; j < cols; j++) {
        y[i * cols + j] = x[i * cols + j] * inverseNorms[i];
      }
    }
  }

  /** dx += (dy - y (y . dy)) / |x|, and dy 1e12 where |x| was below 1e-12. */
  public static void addNormalizeRowsBackward(
      int cols, double[] dx, double[] dy, double[] y, double[] inverseNorms) {
    for (int i = 0; i < inverseNorms.length; i++) {
      double along = 0;
      for (int j = 0; j < cols && (float) inverseNorms[i] < 1e12f; j++) {
        along += y[i * cols + j] * dy[i * cols + j];
      }
      for (int j = 0; j < cols; j++) {
        dx[i * cols + j] += (dy[i * cols + j] - y[i * cols + j] * along) * inverseNorms[i];
      }
    }
  }

  /** y[i] = mean of the rows start[i] to end[i] of x, or zeros. */
  public static void pool(int cols, double[] y, double[] x, double[] start, double[] end) {
    for (int i = 0; i < start.length; i++) {
      for (int j = 0; j < cols; j++) {
        double sum = 0;
        for (int row = (int) start[i]; row < end[i]; row++) {
          sum += x[row * cols + j];
        }
        y[i * cols + j] = sum / Math.max(1, end[i] - start[i]);
      }
    }
  }

  /** dx[row] += dy[i] / (end[i] - start[i]) for the rows of interval i. */
  public static void addPoolBackward(
      int cols, double[] dx, double[] dy, double[] start, double[] end) {
    for (int i = 0; i < start.length; i++) {
      for (int row = (int) start[i]; row < end[i]; row++) {
        for (int j = 0; j < cols; j++) {
          dx[row * cols + j] += dy[i * cols + j] / (end[i] - start[i]);
        }
      }
    }
  }
}
