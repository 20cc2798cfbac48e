package dev.culebra.operations.reference;

/** Matrix products and the sums that belong to them. */
public final class MatmulReference {

  private MatmulReference() {}

  /** How a stored matrix is read: element (i, j) of A is here, {@code cols} values to a row. */
  private static double at(double[] a, int cols, boolean transposed, int i, int j) {
    return transposed ? a[j * cols + i] : a[i * cols + j];
  }

  /**
   * C[i, j] += sum over l of A[i, l] B[l, j], with A m x k and B k x n as their flags read them.
   */
  public static void addProduct(
      int m, int n, int k, double[] c, double[] a, boolean at, double[] b, boolean bt) {
    int aCols = at ? m : k;
    int bCols = bt ? k : n;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < k; l++) {
          c[i * n + j] += at(a, aCols, at, i, l) * at(b, bCols, bt, l, j);
        }
      }
    }
  }

  /** C[i, j] += bias[j]. */
  public static void addBias(int m, int n, double[] c, double[] bias) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        c[i * n + j] += bias[j];
      }
    }
  }

  /** sum[j] += sum over i of x[i, j]. */
  public static void addColumnSums(int rows, int cols, double[] sum, double[] x) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < cols; j++) {
        sum[j] += x[i * cols + j];
      }
    }
  }
}
