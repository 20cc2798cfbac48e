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
