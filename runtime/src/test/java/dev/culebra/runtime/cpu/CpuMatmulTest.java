package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Matrix;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CpuMatmulTest {

  /** Sums of up to 900 products of normal values in float: errors of some 1e-5. */
  private static final double TOLERANCE = 1e-4;

  static {
    Blas.load();
  }

  /** A random product, the same for the same seed. */
  private static final class Sample {
    final Matrix a;
    final Matrix b;
    final Matrix c;
    final Buffer bias;
    final Buffer pre;
    final Epilogue epilogue;
    final double[][] expected;

    Sample(long seed) {
      this(new Random(seed));
    }

    private Sample(Random random) {
      this(
          random,
          size(random),
          size(random),
          size(random),
          random.nextBoolean(),
          random.nextBoolean());
    }

    Sample(Random random, long m, long n, long k, boolean transposeA, boolean transposeB) {
      a = !transposeA ? Values.randomMatrix(random, m, k) : Values.randomMatrix(random, k, m).t();
      b = !transposeB ? Values.randomMatrix(random, k, n) : Values.randomMatrix(random, n, k).t();
      c = Values.randomMatrix(random, m, n);
      bias = Values.random(random, n);
      pre = Values.random(random, m * n);
      epilogue =
          switch (random.nextInt(5)) {
            case 0 -> Epilogue.STORE;
            case 1 -> Epilogue.ADD;
            case 2 -> Epilogue.bias(bias);
            case 3 -> Epilogue.biasGelu(bias, pre);
            default -> Epilogue.biasGelu(null, pre);
          };
      expected = new double[(int) m][(int) n];
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          double sum = epilogue.accumulate() ? Values.at(c, i, j) : 0;
          for (int l = 0; l < k; l++) {
            sum += Values.at(a, i, l) * Values.at(b, l, j);
          }
          expected[i][j] = sum + (epilogue.bias() == null ? 0 : Floats.get(bias.memory(), j));
        }
      }
    }

    private static long size(Random random) {
      return switch (random.nextInt(10)) {
        case 0 -> 0;
        case 1 -> 1;
        case 2 -> 200 + random.nextInt(400);
        default -> 1 + random.nextInt(100);
      };
    }
  }

  @Property(tries = 200)
  void equalsTheFloat64Reference(@ForAll long seed) {
    assertEqualsReference(new Sample(seed));
  }

  /** Sizes beyond one piece, for every way to compute one. */
  @ParameterizedTest
  @CsvSource({
    "700, 600, 300, false, false",
    "600, 530, 130, false, true",
    "150, 700, 800, false, false",
    "300, 410, 700, true, false",
    "600, 530, 900, false, true",
    "600, 530, 50, true, true",
    "1, 1100, 70, false, true",
    "3, 1100, 70, false, false",
  })
  void equalsTheFloat64ReferenceInManyPieces(
      long m, long n, long k, boolean transposeA, boolean transposeB) {
    for (int seed = 0; seed < 4; seed++) {
      assertEqualsReference(new Sample(new Random(seed), m, n, k, transposeA, transposeB));
    }
  }

  private static void assertEqualsReference(Sample sample) {
    try (CpuPool pool = new CpuPool(2)) {
      new CpuMatmul(pool).matmul(sample.c, sample.a, sample.b, sample.epilogue);
    }
    if (sample.epilogue.preActivation() != null) {
      Matrix pre = Matrix.of(sample.pre, sample.c.rows(), sample.c.cols());
      Values.assertMatrix(pre, sample.expected, TOLERANCE);
      for (double[] row : sample.expected) {
        for (int j = 0; j < row.length; j++) {
          double x = row[j];
          row[j] = x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
        }
      }
    }
    Values.assertMatrix(sample.c, sample.expected, TOLERANCE);
  }

  @Property(tries = 100)
  void bitsDoNotDependOnThreads(@ForAll long seed) {
    float[] first = null;
    for (int threads = 1; threads <= 3; threads++) {
      Sample sample = new Sample(seed);
      try (CpuPool pool = new CpuPool(threads)) {
        new CpuMatmul(pool).matmul(sample.c, sample.a, sample.b, sample.epilogue);
      }
      float[] result = Values.floats(sample.c.data());
      first = first == null ? result : first;
      assertThat(result).isEqualTo(first);
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    try (CpuPool pool = new CpuPool(1)) {
      CpuMatmul matmul = new CpuMatmul(pool);
      Matrix x = Matrix.of(Values.floats(new float[6]), 2, 3);
      assertThatThrownBy(() -> matmul.matmul(x, x, x, Epilogue.STORE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("matmul: 2 x 3 times 2 x 3 does not give 2 x 3");
      Matrix square = Matrix.of(Values.floats(new float[4]), 2, 2);
      Epilogue bias = Epilogue.bias(Values.floats(new float[3]));
      assertThatThrownBy(() -> matmul.matmul(square, x, x.t(), bias))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("matmul: bias must have 2 elements");
    }
  }
}
