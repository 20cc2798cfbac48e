package dev.culebra.operations.reference;

/** Moving, scaling, adding and counting. */
public final class MemoryReference {

  private MemoryReference() {}

  /** y = a x + b y; with b = 0, y is not read. */
  public static void axpby(double[] y, double a, double[] x, double b) {
    for (int i = 0; i < x.length; i++) {
      y[i] = b == 0 ? a * x[i] : a * x[i] + b * y[i];
    }
  }

  /** y += a b. */
  public static void addProduct(double[] y, double[] a, double[] b) {
    for (int i = 0; i < y.length; i++) {
      y[i] += a[i] * b[i];
    }
  }

  /** x limited to least..most; NaN stays NaN. */
  public static void clamp(double[] x, double least, double most) {
    for (int i = 0; i < x.length; i++) {
      x[i] = x[i] < least ? least : x[i] > most ? most : x[i];
    }
  }

  /** y += x. */
  public static void add(double[] y, double[] x) {
    for (int i = 0; i < y.length; i++) {
      y[i] += x[i];
    }
  }

  /** Sum of x. */
  public static double sum(double[] x) {
    double sum = 0;
    for (double value : x) {
      sum += value;
    }
    return sum;
  }

  /** Number of elements that are infinite or NaN. */
  public static int countNonFinite(double[] x) {
    int count = 0;
    for (double value : x) {
      count += Double.isFinite(value) ? 0 : 1;
    }
    return count;
  }
}
