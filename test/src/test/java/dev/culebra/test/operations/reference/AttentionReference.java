package dev.culebra.test.operations.reference;

import dev.culebra.runtime.kernel.Attention;
import java.util.Arrays;

/** Rotary positions and attention. */
public final class AttentionReference {

  private AttentionReference() {}

  /**
   * (x[j], x[j + D/2]) becomes (x[j] cos - x[j + D/2] sin, x[j] sin + x[j + D/2] cos) in each head
   * of D values; the inverse turns by the negative angle.
   */
  public static void rotary(
      int rows, int heads, int d, double[] x, double[] position, double[] table, boolean inverse) {
    for (int i = 0; i < rows; i++) {
      for (int h = 0; h < heads; h++) {
        for (int j = 0; j < d / 2; j++) {
          int p = (int) position[i];
          int pair = (p * d / 2 + j) * 2;
          double cos = table[pair];
          double sin = inverse ? -table[pair + 1] : table[pair + 1];
          int low = (i * heads + h) * d + j;
          int high = low + d / 2;
          double a = x[low];
          double b = x[high];
          x[low] = a * cos - b * sin;
          x[high] = a * sin + b * cos;
        }
      }
    }
  }

  /** Score of query i and key j in head h: scale q k^T. */
  private static double score(Attention shape, double[] q, double[] k, int h, int i, int j) {
    int d = shape.headSize();
    int kvHead = h / (shape.heads() / shape.kvHeads());
    double dot = 0;
    for (int c = 0; c < d; c++) {
      dot += q[(i * shape.heads() + h) * d + c] * k[(j * shape.kvHeads() + kvHead) * d + c];
    }
    return shape.scale() * dot;
  }

  /** out = sum over j of p[j] v[j], p = softmax of the scores of the keys in [start, end). */
  public static void attention(
      Attention shape,
      double[] out,
      double[] logSumExp,
      double[] q,
      double[] k,
      double[] v,
      double[] start,
      double[] end) {
    int queries = (int) shape.queries();
    int d = shape.headSize();
    Arrays.fill(out, 0);
    for (int h = 0; h < shape.heads(); h++) {
      int kvHead = h / (shape.heads() / shape.kvHeads());
      for (int i = 0; i < queries; i++) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = (int) start[i]; j < end[i]; j++) {
          largest = Math.max(largest, score(shape, q, k, h, i, j));
        }
        double sum = 0;
        for (int j = (int) start[i]; j < end[i]; j++) {
          sum += Math.exp(score(shape, q, k, h, i, j) - largest);
        }
        boolean empty = start[i] == end[i];
        double lse = empty ? Double.POSITIVE_INFINITY : largest + Math.log(sum);
        logSumExp[h * queries + i] = lse;
        for (int j = (int) start[i]; j < end[i]; j++) {
          double p = Math.exp(score(shape, q, k, h, i, j) - lse);
          for (int c = 0; c < d; c++) {
            out[(i * shape.heads() + h) * d + c] += p * v[(j * shape.kvHeads() + kvHead) * d + c];
          }
        }
      }
    }
  }

  /**
   * With p as in forward, dp[j] = dout v[j], and the derivative of the score
   *
   * <pre>  ds[j] = p[j] (dp[j] - sum over all keys of p dp)</pre>
   *
   * <p>the gradients are dv[j] = sum of p dout, dq = scale sum of ds k, dk[j] = scale sum of ds q.
   */
  public static void attentionBackward(
      Attention shape,
      double[] dq,
      double[] dk,
      double[] dv,
      double[] dout,
      double[] q,
      double[] k,
      double[] v,
      double[] logSumExp,
      double[] start,
      double[] end) {
    int queries = (int) shape.queries();
    int d = shape.headSize();
    Arrays.fill(dq, 0);
    Arrays.fill(dk, 0);
    Arrays.fill(dv, 0);
    for (int h = 0; h < shape.heads(); h++) {
      int kvHead = h / (shape.heads() / shape.kvHeads());
      for (int i = 0; i < queries; i++) {
        int query = (i * shape.heads() + h) * d;
        int first = (int) start[i];
        double[] p = new double[(int) end[i] - first];
        double[] dp = new double[p.length];
        double sum = 0;
        for (int j = 0; j < p.length; j++) {
          int key = ((first + j) * shape.kvHeads() + kvHead) * d;
          p[j] = Math.exp(score(shape, q, k, h, i, first + j) - logSumExp[h * queries + i]);
          for (int c = 0; c < d; c++) {
            dp[j] += dout[query + c] * v[key + c];
          }
          sum += p[j] * dp[j];
        }
        for (int j = 0; j < p.length; j++) {
          int key = ((first + j) * shape.kvHeads() + kvHead) * d;
          double ds = p[j] * (dp[j] - sum);
          for (int c = 0; c < d; c++) {
            dv[key + c] += p[j] * dout[query + c];
            dq[query + c] += shape.scale() * ds * k[key + c];
            dk[key + c] += shape.scale() * ds * q[query + c];
          }
        }
      }
    }
  }
}
