package dev.culebra.operations.reference;

/** Rows by index. */
public final class IndexReference {

  private IndexReference() {}

  /** y[i] += table[index[i]]; index -1 stands for a row of zeros. */
  public static void addRows(int cols, double[] y, double[] table, double[] index) {
    for (int i = 0; i < index.length; i++) {
      int row = (int) index[i];
      for (int j = 0; j < cols && row >= 0; j++) {
        y[i * cols + j] += table[row * cols + j];
      }
    }
  }

  /** table[index[i]] += y[i]; index -1 is skipped. */
  public static void scatterAddRows(int cols, double[] table, double[] y, double[] index) {
    for (int i = 0; i < index.length; i++) {
      int row = (int) index[i];
      for (int j = 0; j < cols && row >= 0; j++) {
        table[row * cols + j] += y[i * cols + j];
      }
    }
  }
}
