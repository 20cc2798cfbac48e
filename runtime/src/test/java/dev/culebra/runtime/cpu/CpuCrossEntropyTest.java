package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Matrix;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuCrossEntropyTest {

  /** A few thousand float exponentials summed in lanes: relative errors of some 1e-6. */
  private static final double TOLERANCE = 1e-5;

  /** Random rows, the same for the same seed. */
  private static final class Sample {
    final CrossEntropy options;
    final Matrix logits;
    final Buffer loss;
    final Buffer target;
    final Buffer scale;
    final double[][] expectedLoss;
    final double[][] expectedGradient;

    Sample(long seed) {
      Random random = new Random(seed);
      options =
          new CrossEntropy(
              random.nextBoolean() ? 0 : random.nextFloat() / 2,
              random.nextBoolean() ? 0 : random.nextFloat() / 10);
      int rows = random.nextInt(20);
      int classes = 1 + random.nextInt(random.nextBoolean() ? 40 : 3000);
      logits = Values.randomMatrix(random, rows, classes);
      loss = Values.random(random, rows);
      target = Values.ints(random.ints(rows, -1, classes).map(t -> t < 0 ? -100 : t).toArray());
      scale = random.nextInt(3) == 0 ? null : Values.floats(random.nextFloat());
      expectedLoss = new double[1][rows];
      expectedGradient = new double[rows][classes];
      for (int i = 0; i < rows; i++) {
        reference(i, classes);
      }
    }

    private void reference(int i, int classes) {
      int t = target.memory().getAtIndex(java.lang.foreign.ValueLayout.JAVA_INT, i);
      double exps = 0;
      double sum = 0;
      for (int j = 0; j < classes; j++) {
        exps += Math.exp(Values.at(logits, i, j));
        sum += Values.at(logits, i, j);
      }
      double lse = Math.log(exps);
      double s = options.labelSmoothing();
      double y = options.zLoss();
      if (t >= 0) {
        expectedLoss[0][i] =
            lse - (1 - s) * Values.at(logits, i, t) - s / classes * sum + y * lse * lse;
      }
      for (int j = 0; j < classes; j++) {
        double z = Values.at(logits, i, j);
        double g = Math.exp(z - lse) * (1 + 2 * y * lse) - s / classes - (j == t ? 1 - s : 0);
        double factor = scale == null ? 0 : Floats.get(scale.memory(), 0);
        expectedGradient[i][j] = scale == null ? z : t < 0 ? 0 : factor * g;
      }
    }
  }

  @Property(tries = 200)
  void equalsTheFloat64Reference(@ForAll long seed) {
    Sample sample = new Sample(seed);
    try (CpuPool pool = new CpuPool(2)) {
      new CpuCrossEntropy(pool)
          .crossEntropy(sample.options, sample.loss, sample.logits, sample.target, sample.scale);
    }
    Matrix loss = Matrix.of(sample.loss, 1, sample.loss.length());
    Values.assertMatrix(loss, sample.expectedLoss, TOLERANCE);
    Values.assertMatrix(sample.logits, sample.expectedGradient, TOLERANCE);
  }

  @Property(tries = 50)
  void bitsDoNotDependOnThreads(@ForAll long seed) {
    float[] first = null;
    for (int threads = 1; threads <= 3; threads++) {
      Sample sample = new Sample(seed);
      try (CpuPool pool = new CpuPool(threads)) {
        new CpuCrossEntropy(pool)
            .crossEntropy(sample.options, sample.loss, sample.logits, sample.target, sample.scale);
      }
      float[] result = Values.floats(sample.logits.data());
      first = first == null ? result : first;
      assertThat(result).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void nonFiniteLogitsMakeTheRowNaN(float value) {
    for (int at = 0; at < 37; at++) {
      float[] logits = new float[2 * 37];
      logits[at] = value;
      Buffer z = Values.floats(logits);
      Buffer loss = run(z, 37, 5, 5);
      assertThat(Values.floats(loss)[0]).isNaN();
      assertThat(Values.floats(loss)[1]).isCloseTo((float) Math.log(37), within());
      for (int j = 0; j < 37; j++) {
        assertThat(Values.floats(z)[j]).isNaN();
        assertThat(Values.floats(z)[37 + j]).isFinite();
      }
    }
  }

  @Test
  void minusInfinityIsProbabilityZero() {
    Buffer z = Values.floats(0, Float.NEGATIVE_INFINITY, 0);
    assertThat(Values.floats(run(z, 3, 0))[0]).isCloseTo((float) Math.log(2), within());
    assertThat(Values.floats(z)).containsExactly(-0.5f, 0, 0.5f);
    assertThat(Values.floats(run(Values.floats(0, Float.NEGATIVE_INFINITY), 2, 1))[0])
        .isEqualTo(Float.POSITIVE_INFINITY);
  }

  @Test
  void hugeLogitsDoNotOverflow() {
    Buffer z = Values.floats(3e38f, -3e38f, 0);
    assertThat(Values.floats(run(z, 3, 0))[0]).isZero();
    assertThat(Values.floats(z)).containsExactly(0, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 3, -101, Integer.MAX_VALUE})
  void refusesTargetsThatAreNoClass(int target) {
    assertThatThrownBy(() -> run(Values.floats(new float[6]), 3, 0, target))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "crossEntropy: the target of row 1 is "
                + target
                + ", not one of 3 classes and not -100");
  }

  private static Buffer run(Buffer logits, int classes, int... targets) {
    Buffer loss = Values.floats(new float[targets.length]);
    try (CpuPool pool = new CpuPool(2)) {
      new CpuCrossEntropy(pool)
          .crossEntropy(
              CrossEntropy.PLAIN,
              loss,
              Matrix.of(logits, targets.length, classes),
              Values.ints(targets),
              Values.floats(1));
    }
    return loss;
  }

  private static org.assertj.core.data.Offset<Float> within() {
    return org.assertj.core.data.Offset.offset(1e-6f);
  }
}
