package dev.culebra.objectives;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Losses in float64, written as their papers do and not as fast code does. */
final class ReferenceLosses {
  static final int IGNORE = -100;

  /** Where the target's probability that smoothing takes goes. */
  enum Smoothing {
    /** To all classes alike (PyTorch, transformers). */
    ALL,
    /** To the other classes (fairseq, T5X). */
    OTHERS
  }

  private ReferenceLosses() {}

  static double logSumExp(double[] logits) {
    double max = Arrays.stream(logits).max().orElseThrow();
    return max + Math.log(Arrays.stream(logits).map(x -> Math.exp(x - max)).sum());
  }

  /** The target distribution of a row. */
  static double[] target(int label, int classes, double smoothing, Smoothing kind) {
    double[] target = new double[classes];
    boolean all = kind == Smoothing.ALL;
    Arrays.fill(target, all ? smoothing / classes : smoothing / (classes - 1));
    target[label] = all ? 1 - smoothing + smoothing / classes : 1 - smoothing;
    return target;
  }

  /** Cross entropy of one row with its target distribution. */
  static double crossEntropy(double[] logits, double[] target) {
    double normaliser = logSumExp(logits);
    return IntStream.range(0, logits.length)
        .mapToDouble(c -> target[c] * (normaliser - logits[c]))
        .sum();
  }

  static double crossEntropy(double[] logits, int label, double smoothing, Smoothing kind) {
    return label == IGNORE
        ? 0
        : crossEntropy(logits, target(label, logits.length, smoothing, kind));
  }

  static double[] softmax(double[] logits) {
    double normaliser = logSumExp(logits);
    return Arrays.stream(logits).map(x -> Math.exp(x - normaliser)).toArray();
  }

  static double[][] cosines(double[][] a, double[][] b) {
    double[][] products = new double[a.length][b.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        products[i][j] = dot(a[i], b[j]) / Math.sqrt(dot(a[i], a[i]) * dot(b[j], b[j]));
      }
    }
    return products;
  }

  private static double dot(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
  }

  static double[][] transposed(double[][] matrix) {
    double[][] columns = new double[matrix[0].length][matrix.length];
    for (int i = 0; i < matrix.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        columns[j][i] = matrix[i][j];
      }
    }
    return columns;
  }

  static double[][] scaled(double[][] matrix, double scale) {
    return Arrays.stream(matrix)
        .map(row -> Arrays.stream(row).map(x -> x * scale).toArray())
        .toArray(double[][]::new);
  }

  /** InfoNCE: row i's positive is column i. */
  static double infoNce(double[][] logits) {
    return IntStream.range(0, logits.length)
        .mapToDouble(i -> logSumExp(logits[i]) - logits[i][i])
        .average()
        .orElseThrow();
  }

  static double clip(double[][] logits) {
    return (infoNce(logits) + infoNce(transposed(logits))) / 2;
  }

  /** SigLIP: the sum over all pairs, divided by the rows. */
  static double sigmoid(double[][] cosines, double logScale, double bias) {
    double sum = 0;
    for (int i = 0; i < cosines.length; i++) {
      for (int j = 0; j < cosines[i].length; j++) {
        double logit = Math.exp(logScale) * cosines[i][j] + bias;
        sum += Math.log1p(Math.exp(i == j ? -logit : logit));
      }
    }
    return sum / cosines.length;
  }

  /** The derivative by central differences, whose error falls with the fourth power of the step. */
  static double slope(ToDoubleFunction<Double> f, double at) {
    double h = 1e-3;
    double near = f.applyAsDouble(at + h) - f.applyAsDouble(at - h);
    double far = f.applyAsDouble(at + 2 * h) - f.applyAsDouble(at - 2 * h);
    return (8 * near - far) / (12 * h);
  }

  /** The gradient with respect to a matrix, by differences. */
  static double[][] gradient(ToDoubleFunction<double[][]> f, double[][] at) {
    double[][] gradient = new double[at.length][at[0].length];
    for (int i = 0; i < at.length; i++) {
      for (int j = 0; j < at[i].length; j++) {
        int row = i;
        int column = j;
        gradient[i][j] =
            slope(
                x -> {
                  double[][] moved =
                      Arrays.stream(at).map(double[]::clone).toArray(double[][]::new);
                  moved[row][column] = x;
                  return f.applyAsDouble(moved);
                },
                at[i][j]);
      }
    }
    return gradient;
  }
}
