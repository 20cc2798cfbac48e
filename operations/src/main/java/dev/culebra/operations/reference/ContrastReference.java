package dev.culebra.operations.reference;

import java.util.Arrays;

/** Contrastive losses, by the whole matrix of logits. */
public final class ContrastReference {

  /** Which pairs are left out of a direction: of queries that look for keys, or the reverse. */
  public interface Masked {
    /** Whether the pair of query i and key j is left out. */
    boolean test(int i, int j);
  }

  /**
   * A batch.
   *
   * @param n queries
   * @param m keys
   * @param d width of both
   * @param forward left out where queries look for keys
   * @param backward left out where keys look for queries
   */
  public record Batch(
      int n, int m, int d, double[] q, double[] k, Masked forward, Masked backward) {

    double dot(int i, int j) {
      double sum = 0;
      for (int c = 0; c < d; c++) {
        sum += q[i * d + c] * k[j * d + c];
      }
      return sum;
    }
  }

  /** Gradients of the sum of all rows' losses, not scaled; with respect to t' and to the bias. */
  public record Gradients(double[] dq, double[] dk, double dlogScale, double dbias) {}

  private ContrastReference() {}

  // InfoNCE

  /**
   * loss_i = lse_i - z_ii, with lse_i over row i; if symmetric, the mean of row i's and column i's.
   */
  public static void contrast(Batch batch, boolean symmetric, double logScale, double[] loss) {
    double[][] z = logits(batch, logScale, 0);
    for (int i = 0; i < batch.n; i++) {
      double forward = rowLse(batch, z, i) - z[i][i];
      loss[i] = symmetric ? (forward + columnLse(batch, z, i) - z[i][i]) / 2 : forward;
    }
  }

  /** d sum(loss) / d z_ij = p_ij - [i = j] with p = exp(z - lse); if symmetric, its mean. */
  public static Gradients contrastGradients(Batch batch, boolean symmetric, double logScale) {
    double[][] z = logits(batch, logScale, 0);
    double[][] w = new double[batch.n][batch.m];
    double share = symmetric ? 0.5 : 1;
    for (int i = 0; i < batch.n; i++) {
      double rows = rowLse(batch, z, i);
      double columns = symmetric ? columnLse(batch, z, i) : 0;
      for (int j = 0; j < batch.m; j++) {
        if (seen(batch.forward, i, j)) {
          w[i][j] += share * Math.exp(z[i][j] - rows);
        }
        if (symmetric && j < batch.n && seen(batch.backward, j, i)) {
          w[j][i] += share * Math.exp(z[j][i] - columns);
        }
      }
      w[i][i] -= 1;
    }
    return gradients(batch, logScale, w);
  }

  private static boolean seen(Masked masked, int i, int j) {
    return i == j || !masked.test(i, j);
  }

  private static double rowLse(Batch batch, double[][] z, int i) {
    double[] row = z[i].clone();
    for (int j = 0; j < batch.m; j++) {
      row[j] = seen(batch.forward, i, j) ? row[j] : Double.NEGATIVE_INFINITY;
    }
    return logSumExp(row);
  }

  private static double columnLse(Batch batch, double[][] z, int j) {
    double[] column = new double[batch.n];
    for (int i = 0; i < batch.n; i++) {
      column[i] = seen(batch.backward, i, j) ? z[i][j] : Double.NEGATIVE_INFINITY;
    }
    return logSumExp(column);
  }

  private static double logSumExp(double[] x) {
    double largest = Arrays.stream(x).max().orElseThrow();
    return largest + Math.log(Arrays.stream(x).map(v -> Math.exp(v - largest)).sum());
  }

  // Sigmoid

  /** loss_i = sum over j of log(1 + exp(-y z_ij)), y = 1 on the diagonal, else -1. */
  public static void sigmoid(Batch batch, double logScale, double bias, double[] loss) {
    double[][] z = logits(batch, logScale, bias);
    Arrays.fill(loss, 0);
    for (int i = 0; i < batch.n; i++) {
      for (int j = 0; j < batch.m; j++) {
        if (seen(batch.forward, i, j)) {
          double x = i == j ? -z[i][j] : z[i][j];
          loss[i] += Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
        }
      }
    }
  }

  /** d sum(loss) / d z_ij = -y sigmoid(-y z_ij). */
  public static Gradients sigmoidGradients(Batch batch, double logScale, double bias) {
    double[][] z = logits(batch, logScale, bias);
    double[][] w = new double[batch.n][batch.m];
    double sum = 0;
    for (int i = 0; i < batch.n; i++) {
      for (int j = 0; j < batch.m; j++) {
        if (seen(batch.forward, i, j)) {
          double y = i == j ? 1 : -1;
          w[i][j] = -y / (1 + Math.exp(y * z[i][j]));
          sum += w[i][j];
        }
      }
    }
    Gradients gradients = gradients(batch, logScale, w);
    return new Gradients(gradients.dq, gradients.dk, gradients.dlogScale, sum);
  }

  // Both

  private static double[][] logits(Batch batch, double logScale, double bias) {
    double[][] z = new double[batch.n][batch.m];
    for (int i = 0; i < batch.n; i++) {
      for (int j = 0; j < batch.m; j++) {
        z[i][j] = Math.exp(logScale) * batch.dot(i, j) + bias;
      }
    }
    return z;
  }

  /** dq = e^t' W k, dk = e^t' W^T q, dt' = sum of W e^t' q k. */
  private static Gradients gradients(Batch batch, double logScale, double[][] w) {
    double scale = Math.exp(logScale);
    double[] dq = new double[batch.n * batch.d];
    double[] dk = new double[batch.m * batch.d];
    double slope = 0;
    for (int i = 0; i < batch.n; i++) {
      for (int j = 0; j < batch.m; j++) {
        slope += w[i][j] * scale * batch.dot(i, j);
        for (int c = 0; c < batch.d; c++) {
          dq[i * batch.d + c] += scale * w[i][j] * batch.k[j * batch.d + c];
          dk[j * batch.d + c] += scale * w[i][j] * batch.q[i * batch.d + c];
        }
      }
    }
    return new Gradients(dq, dk, slope, 0);
  }
}
