package dev.culebra.runtime.cpu;

import static dev.culebra.runtime.cpu.Fixture.LENGTHS;
import static dev.culebra.runtime.cpu.Fixture.assertClose;
import static dev.culebra.runtime.cpu.Fixture.assertSame;
import static dev.culebra.runtime.cpu.Fixture.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Norm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CpuNormTest {

  /** Sums over a row in float32; epsilon bounds the factor 1 / root by 10 where C is 1. */
  private static final double TOLERANCE = 1e-5;

  private static final float EPSILON = 1e-2f;

  private final Fixture memory = new Fixture();
  private final CpuPool pool = new CpuPool(2);
  private final CpuNorm operations = new CpuNorm(pool);

  @AfterEach
  void close() {
    pool.close();
    memory.close();
  }

  @Test
  void normFollowsItsFormula() {
    for (Norm.Kind kind : Norm.Kind.values()) {
      for (int cols : LENGTHS) {
        int n = 1 + memory.below(20);
        Matrix x = memory.matrix(n, cols);
        Buffer gamma = memory.normal(cols);
        for (int variant = 0; variant < 4; variant++) {
          Buffer residual = variant % 2 == 0 ? null : memory.normal((long) n * cols);
          Buffer beta = variant / 2 == 0 ? null : memory.normal(cols);
          checkForward(new Norm(kind, EPSILON), x, residual, gamma, beta);
        }
      }
    }
  }

  private void checkForward(Norm norm, Matrix x, Buffer residual, Buffer gamma, Buffer beta) {
    int n = Math.toIntExact(x.rows());
    int cols = Math.toIntExact(x.cols());
    double[] sums = new double[n * cols];
    double[] statistics = new double[2 * n];
    double[][] expected = new double[n][cols];
    for (int i = 0; i < n; i++) {
      double[] s = new double[cols];
      for (int j = 0; j < cols; j++) {
        float added = residual == null ? 0 : Fixture.get(residual, (long) i * cols + j);
        s[j] = (float) Fixture.get(x, i, j) + added;
        sums[i * cols + j] = s[j];
      }
      double mean = mean(norm, s);
      double root = root(norm, s);
      statistics[2 * i] = mean;
      statistics[2 * i + 1] = 1 / root;
      for (int j = 0; j < cols; j++) {
        double shift = beta == null ? 0 : Fixture.get(beta, j);
        expected[i][j] = (s[j] - mean) / root * Fixture.get(gamma, j) + shift;
      }
    }
    Matrix before = memory.matrix(n, cols);
    Matrix y = memory.copy(before);
    Buffer stats = memory.floats(2L * n);
    Buffer sum = residual == null ? null : memory.floats((long) n * cols);
    operations.norm(norm, y, stats, sum, x, residual, gamma, beta);
    String what = norm.kind() + " norm of " + n + " x " + cols;
    assertClose(y, expected, before, TOLERANCE, what);
    assertClose(stats, statistics, TOLERANCE, what + ", statistics");
    if (sum != null) {
      assertClose(sum, sums, 0, what + ", sum");
    }
  }

  @Test
  void varianceSurvivesALargeMean() {
    int cols = 384;
    Buffer x = memory.normal(cols, 100, 1);
    double[] values = doubles(x);
    Norm layer = new Norm(Norm.Kind.LAYER, 1e-5f);
    Buffer ones = memory.floats(cols);
    new CpuElementwise(pool).fill(ones, 1);
    Buffer statistics = memory.floats(2);
    Matrix y = memory.matrix(1, cols);
    operations.norm(layer, y, statistics, null, Matrix.of(x, 1, cols), null, ones, null);
    // The mean itself is rounded by 100 * 6e-8; the root must not be worse than that.
    assertThat(Fixture.get(statistics, 1) * root(layer, values) - 1).isBetween(-1e-5, 1e-5);
  }

  @Test
  void normBackwardFollowsCentralDifferences() {
    for (Norm.Kind kind : Norm.Kind.values()) {
      for (int cols : LENGTHS) {
        int n = 1 + memory.below(40);
        checkBackward(new Norm(kind, EPSILON), n, cols, memory.below(2) == 0);
      }
    }
  }

  /** Gradients of L = sum of dy * y, differenced in float64. */
  private void checkBackward(Norm norm, int n, int cols, boolean accumulate) {
    Matrix s = memory.matrix(n, cols);
    Matrix dy = memory.matrix(n, cols);
    Buffer gamma = memory.normal(cols);
    Buffer statistics = memory.floats(2L * n);
    Matrix before = memory.matrix(n, cols);
    Buffer gammaBefore = memory.normal(cols);
    Buffer betaBefore = memory.normal(cols);
    operations.norm(norm, memory.matrix(n, cols), statistics, null, s, null, gamma, null);
    double[][] expected = new double[n][cols];
    double[] expectedGamma = doubles(gammaBefore);
    double[] expectedBeta = doubles(betaBefore);
    for (int i = 0; i < n; i++) {
      double[] row = new double[cols];
      double[] weight = new double[cols];
      for (int j = 0; j < cols; j++) {
        row[j] = Fixture.get(s, i, j);
        weight[j] = Fixture.get(dy, i, j) * Fixture.get(gamma, j);
      }
      double mean = mean(norm, row);
      double root = root(norm, row);
      for (int j = 0; j < cols; j++) {
        double old = accumulate ? Fixture.get(before, i, j) : 0;
        expected[i][j] = old + slope(norm, row, weight, j);
        expectedGamma[j] += Fixture.get(dy, i, j) * (row[j] - mean) / root;
        expectedBeta[j] += Fixture.get(dy, i, j);
      }
    }
    Matrix ds = memory.copy(before);
    Buffer dgamma = memory.copy(gammaBefore);
    Buffer dbeta = memory.copy(betaBefore);
    operations.normBackward(norm, ds, dgamma, dbeta, dy, s, statistics, gamma, accumulate);
    String what = norm.kind() + " norm's gradient of " + n + " x " + cols;
    assertClose(ds, expected, before, 3e-5, what);
    assertClose(dgamma, expectedGamma, 3e-5, what + ", dgamma");
    assertClose(dbeta, expectedBeta, 3e-5, what + ", dbeta");

    Matrix again = memory.copy(before);
    Buffer gammaAgain = memory.copy(gammaBefore);
    operations.normBackward(norm, again, gammaAgain, null, dy, s, statistics, gamma, accumulate);
    assertSame(again.data(), ds.data(), what + " without beta");
    assertSame(gammaAgain, dgamma, what + " without beta, dgamma");
  }

  private static double slope(Norm norm, double[] row, double[] weight, int j) {
    double step = 1e-5;
    double[] moved = row.clone();
    moved[j] = row[j] + step;
    double above = loss(norm, moved, weight);
    moved[j] = row[j] - step;
    return (above - loss(norm, moved, weight)) / (2 * step);
  }

  private static double loss(Norm norm, double[] s, double[] weight) {
    double mean = mean(norm, s);
    double root = root(norm, s);
    double loss = 0;
    for (int j = 0; j < s.length; j++) {
      loss += weight[j] * (s[j] - mean) / root;
    }
    return loss;
  }

  private static double mean(Norm norm, double[] s) {
    double sum = 0;
    for (double value : s) {
      sum += value;
    }
    return norm.kind() == Norm.Kind.RMS ? 0 : sum / s.length;
  }

  private static double root(Norm norm, double[] s) {
    double mean = mean(norm, s);
    double sum = 0;
    for (double value : s) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / s.length + norm.epsilon());
  }

  @Test
  void resultsDoNotDependOnTheNumberOfThreads() {
    int n = 500;
    int cols = 131;
    Norm norm = new Norm(Norm.Kind.LAYER, 1e-5f);
    Matrix x = memory.matrix(n, cols);
    Matrix dy = memory.matrix(n, cols);
    Buffer gamma = memory.normal(cols);
    Buffer residual = memory.normal((long) n * cols);
    Buffer[] first = run(pool, norm, x, residual, dy, gamma);
    Fixture.onPools(
        other -> {
          Buffer[] again = run(other, norm, x, residual, dy, gamma);
          for (int i = 0; i < first.length; i++) {
            assertSame(again[i], first[i], "result " + i + ", " + other.threads() + " threads");
          }
        });
  }

  private Buffer[] run(CpuPool on, Norm norm, Matrix x, Buffer residual, Matrix dy, Buffer gamma) {
    CpuNorm cpu = new CpuNorm(on);
    long n = x.rows();
    long cols = x.cols();
    Buffer y = memory.floats(n * cols);
    Buffer statistics = memory.floats(2 * n);
    Buffer sum = memory.floats(n * cols);
    Buffer ds = memory.floats(n * cols);
    Buffer dgamma = memory.floats(cols);
    Buffer dbeta = memory.floats(cols);
    cpu.norm(norm, Matrix.of(y, n, cols), statistics, sum, x, residual, gamma, gamma);
    Matrix gradient = Matrix.of(ds, n, cols);
    Matrix s = Matrix.of(sum, n, cols);
    cpu.normBackward(norm, gradient, dgamma, dbeta, dy, s, statistics, gamma, false);
    return new Buffer[] {y, statistics, sum, ds, dgamma, dbeta};
  }

  @Test
  void noRowsChangeNothing() {
    Norm norm = new Norm(Norm.Kind.RMS, 1e-5f);
    Matrix none = Matrix.of(memory.floats(0), 0, 3);
    Buffer gamma = memory.of(1, 2, 3);
    Buffer dgamma = memory.of(4, 5, 6);
    operations.norm(norm, none, memory.floats(0), null, none, null, gamma, null);
    operations.normBackward(norm, none, dgamma, null, none, none, memory.floats(0), gamma, false);
    assertThat(doubles(dgamma)).containsExactly(4, 5, 6);
  }

  @Test
  void wrongArgumentsNameTheOperation() {
    Norm norm = new Norm(Norm.Kind.LAYER, 1e-5f);
    Matrix x = memory.matrix(2, 3);
    Buffer three = memory.floats(3);
    Buffer four = memory.floats(4);
    assertThatThrownBy(() -> operations.norm(norm, x, four, null, x, null, four, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("norm: gamma must have 3 elements");
    assertThatThrownBy(() -> operations.norm(norm, x, four, null, x, memory.floats(6), three, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("norm: residual and sum belong together");
    assertThatThrownBy(
            () -> operations.normBackward(norm, x, three, null, x, x, three, three, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("normBackward: statistics must have 4 elements");
  }
}
