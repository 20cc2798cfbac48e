package dev.culebra.operations.reference;

import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.Dropout;
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

  /**
   * Bias and dropout.
   *
   * @param bias heads x (2 radius + 1), or null
   * @param radius distances beyond count as this one
   * @param offset distance of query and key of the same number
   * @param dropout of probabilities, or null
   * @param seed of dropout
   */
  public record Options(double[] bias, int radius, int offset, Dropout dropout, int seed) {

    int cell(int h, int i, int j) {
      int distance = Math.max(-radius, Math.min(radius, j - i - offset));
      return h * (2 * radius + 1) + distance + radius;
    }

    /** What the probability of head h, query i and key j is multiplied by. */
    double mask(Attention shape, int h, int i, int j) {
      if (dropout == null) {
        return 1;
      }
      long index = ((h * shape.queries() + i) << 32) + j;
      return dropout.keeps(seed, index) ? 1 / (1 - (double) dropout.rate()) : 0;
    }
  }

  /** Score of query i and key j in head h: scale q k^T, and the bias. */
  private static double score(
      Attention shape, Options options, double[] q, double[] k, int h, int i, int j) {
    int d = shape.headSize();
    int kvHead = h / (shape.heads() / shape.kvHeads());
    double dot = 0;
    for (int c = 0; c < d; c++) {
      dot += q[(i * shape.heads() + h) * d + c] * k[(j * shape.kvHeads() + kvHead) * d + c];
    }
    double bias = options.bias == null ? 0 : options.bias[options.cell(h, i, j)];
    return shape.scale() * dot + bias;
  }

  /**
   * out = sum over j of mask[j] p[j] v[j], p = softmax of the scores of the keys in [start, end).
   */
  public static void attention(
      Attention shape,
      Options options,
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
          largest = Math.max(largest, score(shape, options, q, k, h, i, j));
        }
        double sum = 0;
        for (int j = (int) start[i]; j < end[i]; j++) {
          sum += Math.exp(score(shape, options, q, k, h, i, j) - largest);
        }
        boolean empty = start[i] == end[i];
        double lse = empty ? Double.POSITIVE_INFINITY : largest + Math.log(sum);
        logSumExp[h * queries + i] = lse;
        for (int j = (int) start[i]; j < end[i]; j++) {
          double p = Math.exp(score(shape, options, q, k, h, i, j) - lse);
          p *= options.mask(shape, h, i, j);
          for (int c = 0; c < d; c++) {
            out[(i * shape.heads() + h) * d + c] += p * v[(j * shape.kvHeads() + kvHead) * d + c];
          }
        }
      }
    }
  }

  /**
   * With p as in forward, dp[j] = mask[j] dout v[j], and the derivative of the score
   *
   * <pre>  ds[j] = p[j] (dp[j] - sum over all keys of p dp)</pre>
   *
   * <p>where the sum is dout out, with out as forward left it, the gradients are dv[j] = sum of
   * mask p dout, dq = scale sum of ds k, dk[j] = scale sum of ds q; and ds is added to the gradient
   * of the score's bias.
   *
   * @param dbias added to; null for none
   */
  public static void attentionBackward(
      Attention shape,
      Options options,
      double[] dq,
      double[] dk,
      double[] dv,
      double[] dbias,
      double[] dout,
      double[] q,
      double[] k,
      double[] v,
      double[] out,
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
        for (int c = 0; c < d; c++) {
          sum += dout[query + c] * out[query + c];
        }
        for (int j = 0; j < p.length; j++) {
          int key = ((first + j) * shape.kvHeads() + kvHead) * d;
          p[j] =
              Math.exp(score(shape, options, q, k, h, i, first + j) - logSumExp[h * queries + i]);
          for (int c = 0; c < d; c++) {
            dp[j] += dout[query + c] * v[key + c];
          }
          dp[j] *= options.mask(shape, h, i, first + j);
        }
        for (int j = 0; j < p.length; j++) {
          int key = ((first + j) * shape.kvHeads() + kvHead) * d;
          double ds = p[j] * (dp[j] - sum);
          double mask = options.mask(shape, h, i, first + j);
          if (dbias != null) {
            dbias[options.cell(h, i, first + j)] += ds;
          }
          for (int c = 0; c < d; c++) {
            dv[key + c] += mask * p[j] * dout[query + c];
            dq[query + c] += shape.scale() * ds * k[key + c];
            dk[key + c] += shape.scale() * ds * q[query + c];
          }
        }
      }
    }
  }
}
