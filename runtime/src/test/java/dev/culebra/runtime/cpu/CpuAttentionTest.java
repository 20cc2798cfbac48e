package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.Matrix;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class CpuAttentionTest {

  /** Softmax weights have relative errors of some 1e-6, sums of products of normal values 1e-5. */
  private static final double TOLERANCE = 1e-4;

  static {
    Blas.load();
  }

  /** A random attention, the same for the same seed, run forward and backward. */
  private static final class Sample {
    final int queries;
    final int keys;
    final Attention shape;
    final int[] start;
    final int[] end;
    final Matrix q;
    final Matrix k;
    final Matrix v;
    final Matrix out;
    final Matrix dout;
    final Matrix dq;
    final Matrix dk;
    final Matrix dv;
    final Buffer logSumExp;

    Sample(long seed, int threads) {
      Random random = new Random(seed);
      boolean small = random.nextInt(4) > 0;
      queries = random.nextInt(small ? 40 : 300);
      keys = random.nextInt(small ? 60 : 1400);
      int kvHeads = 1 + random.nextInt(2);
      int heads = kvHeads * (1 + random.nextInt(3));
      int headSize = 1 + random.nextInt(40);
      shape = new Attention(queries, keys, heads, kvHeads, headSize, 0.1f + random.nextFloat());
      start = new int[queries];
      end = new int[queries];
      intervals(random);
      long width = (long) heads * headSize;
      long keyWidth = (long) kvHeads * headSize;
      q = Values.randomMatrix(random, queries, width);
      k = Values.randomMatrix(random, keys, keyWidth);
      v = Values.randomMatrix(random, keys, keyWidth);
      out = Values.randomMatrix(random, queries, width);
      dout = Values.randomMatrix(random, queries, width);
      dq = Values.randomMatrix(random, queries, width);
      dk = Values.randomMatrix(random, keys, keyWidth);
      dv = Values.randomMatrix(random, keys, keyWidth);
      logSumExp = Values.random(random, (long) heads * queries);
      Intervals intervals = new Intervals(Values.ints(start), Values.ints(end));
      try (CpuPool pool = new CpuPool(threads)) {
        CpuAttention attention = new CpuAttention(pool);
        attention.attention(shape, out, logSumExp, q, k, v, intervals, AttentionOptions.NONE);
        attention.attentionBackward(
            shape,
            dq,
            dk,
            dv,
            null,
            dout,
            q,
            k,
            v,
            out,
            logSumExp,
            intervals,
            AttentionOptions.NONE);
      }
    }

    /** Steps of random length, with empty rows, gaps and jumps beyond all earlier keys. */
    private void intervals(Random random) {
      int from = 0;
      int to = 0;
      int stride = 1 + 2 * keys / Math.max(1, queries);
      for (int i = 0; i < queries; i++) {
        switch (random.nextInt(12)) {
          case 0 -> from = to;
          case 1 -> {
            from = Math.min(keys, to + random.nextInt(3));
            to = Math.min(keys, from + random.nextInt(stride));
          }
          case 2 -> from += random.nextInt(to - from + 1);
          default -> to = Math.min(keys, to + random.nextInt(stride));
        }
        start[i] = from;
        end[i] = to;
      }
    }
  }

  @Property(tries = 150)
  void equalsTheFloat64Reference(@ForAll long seed) {
    Sample s = new Sample(seed, 2);
    int size = s.shape.headSize();
    double[][] out = new double[s.queries][s.shape.heads() * size];
    double[][] dq = new double[s.queries][s.shape.heads() * size];
    double[][] dk = new double[s.keys][s.shape.kvHeads() * size];
    double[][] dv = new double[s.keys][s.shape.kvHeads() * size];
    double[][] logSumExp = new double[s.shape.heads()][s.queries];
    for (int h = 0; h < s.shape.heads(); h++) {
      int column = h * size;
      int keyColumn = h / (s.shape.heads() / s.shape.kvHeads()) * size;
      for (int i = 0; i < s.queries; i++) {
        logSumExp[h][i] = row(s, i, column, keyColumn, out[i], dq[i], dk, dv);
      }
    }
    Values.assertMatrix(s.out, out, TOLERANCE);
    Values.assertMatrix(s.dq, dq, TOLERANCE);
    Values.assertMatrix(s.dk, dk, TOLERANCE);
    Values.assertMatrix(s.dv, dv, TOLERANCE);
    for (int h = 0; h < s.shape.heads(); h++) {
      for (int i = 0; i < s.queries; i++) {
        double actual = Floats.get(s.logSumExp.memory(), (long) h * s.queries + i);
        if (s.start[i] == s.end[i]) {
          assertThat(actual).isEqualTo(Double.POSITIVE_INFINITY);
        } else {
          assertThat(actual)
              .isCloseTo(logSumExp[h][i], org.assertj.core.data.Offset.offset(TOLERANCE));
        }
      }
    }
  }

  /** One query and head by the definition; returns its log-sum-exp. */
  private static double row(
      Sample s,
      int i,
      int column,
      int keyColumn,
      double[] out,
      double[] dq,
      double[][] dk,
      double[][] dv) {
    int size = s.shape.headSize();
    double[] p = new double[s.keys];
    double total = 0;
    for (int j = s.start[i]; j < s.end[i]; j++) {
      p[j] = Math.exp(s.shape.scale() * dot(s.q, i, column, s.k, j, keyColumn, size));
      total += p[j];
    }
    for (int j = s.start[i]; j < s.end[i]; j++) {
      p[j] /= total;
      for (int d = 0; d < size; d++) {
        out[column + d] += p[j] * Values.at(s.v, j, keyColumn + d);
        dv[j][keyColumn + d] += p[j] * Values.at(s.dout, i, column + d);
      }
    }
    double outDotGradient = 0;
    for (int d = 0; d < size; d++) {
      outDotGradient += out[column + d] * Values.at(s.dout, i, column + d);
    }
    for (int j = s.start[i]; j < s.end[i]; j++) {
      double dp = dot(s.dout, i, column, s.v, j, keyColumn, size);
      double ds = s.shape.scale() * p[j] * (dp - outDotGradient);
      for (int d = 0; d < size; d++) {
        dq[column + d] += ds * Values.at(s.k, j, keyColumn + d);
        dk[j][keyColumn + d] += ds * Values.at(s.q, i, column + d);
      }
    }
    return Math.log(total);
  }

  private static double dot(Matrix x, int i, int from, Matrix y, int j, int yFrom, int size) {
    double sum = 0;
    for (int d = 0; d < size; d++) {
      sum += Values.at(x, i, from + d) * Values.at(y, j, yFrom + d);
    }
    return sum;
  }

  @Property(tries = 50)
  void bitsDoNotDependOnThreads(@ForAll long seed) {
    Sample one = new Sample(seed, 1);
    for (int threads = 2; threads <= 3; threads++) {
      Sample s = new Sample(seed, threads);
      assertThat(Values.floats(s.out.data())).isEqualTo(Values.floats(one.out.data()));
      assertThat(Values.floats(s.logSumExp)).isEqualTo(Values.floats(one.logSumExp));
      assertThat(Values.floats(s.dq.data())).isEqualTo(Values.floats(one.dq.data()));
      assertThat(Values.floats(s.dk.data())).isEqualTo(Values.floats(one.dk.data()));
      assertThat(Values.floats(s.dv.data())).isEqualTo(Values.floats(one.dv.data()));
    }
  }

  @Test
  void whatARowDoesNotSeeMayBeInfinite() {
    // A window of 10 keys; values from 30 on are infinite or NaN.
    int rows = 40;
    int[] start = new int[rows];
    int[] end = new int[rows];
    for (int i = 0; i < rows; i++) {
      start[i] = Math.max(0, i - 9);
      end[i] = i + 1;
    }
    Random random = new Random(1);
    Matrix q = Values.randomMatrix(random, rows, 5);
    Matrix v = Values.randomMatrix(random, rows, 5);
    Matrix expected = attend(q, v, start, end);
    for (int i = 30; i < rows; i++) {
      Floats.set(v.data().memory(), i * v.stride() + 2, i % 2 == 0 ? Float.NaN : 1 / 0f);
    }
    Matrix actual = attend(q, v, start, end);
    for (int i = 0; i < rows; i++) {
      for (int c = 0; c < 5; c++) {
        if (i < 30 || c != 2) {
          assertThat(Values.at(actual, i, c))
              .isCloseTo(Values.at(expected, i, c), org.assertj.core.data.Offset.offset(1e-6));
        } else {
          assertThat(Values.at(actual, i, c)).isNaN();
        }
      }
    }
  }

  private static Matrix attend(Matrix q, Matrix v, int[] start, int[] end) {
    Matrix out = Matrix.of(Values.floats(new float[start.length * 5]), start.length, 5);
    Intervals intervals = new Intervals(Values.ints(start), Values.ints(end));
    Buffer lse = Values.floats(new float[start.length]);
    Attention shape = new Attention(start.length, start.length, 1, 1, 5, 1);
    try (CpuPool pool = new CpuPool(1)) {
      new CpuAttention(pool).attention(shape, out, lse, q, q, v, intervals, AttentionOptions.NONE);
    }
    return out;
  }

  @Test
  void refusesIntervalsThatAreNoIntervals() {
    refuses(
        new int[] {0, 0},
        new int[] {2, 1},
        "row 1 sees keys 0 to 1 of 3, after a row that sees 0 to 2");
    refuses(new int[] {1, 0}, new int[] {2, 2}, "row 1 sees keys 0 to 2");
    refuses(new int[] {2, 2}, new int[] {1, 2}, "row 0 sees keys 2 to 1");
    refuses(new int[] {0, 0}, new int[] {3, 4}, "row 1 sees keys 0 to 4 of 3");
    refuses(new int[] {-1, 0}, new int[] {1, 1}, "row 0 sees keys -1 to 1");
  }

  private static void refuses(int[] start, int[] end, String message) {
    Matrix q = Matrix.of(Values.floats(new float[4]), 2, 2);
    Matrix k = Matrix.of(Values.floats(new float[6]), 3, 2);
    Intervals intervals = new Intervals(Values.ints(start), Values.ints(end));
    Buffer lse = Values.floats(new float[2]);
    try (CpuPool pool = new CpuPool(1)) {
      CpuAttention attention = new CpuAttention(pool);
      Attention shape = new Attention(2, 3, 1, 1, 2, 1);
      assertThatThrownBy(
              () -> attention.attention(shape, q, lse, q, k, k, intervals, AttentionOptions.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("attention: " + message);
    }
  }
}
