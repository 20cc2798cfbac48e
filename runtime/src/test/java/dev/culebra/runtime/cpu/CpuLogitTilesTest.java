package dev.culebra.runtime.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contrast;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.kernel.Negatives;
import dev.culebra.runtime.kernel.Negatives.Exceptions;
import dev.culebra.runtime.kernel.Negatives.Groups;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CpuLogitTilesTest {

  private static final int D = 3;

  private final CpuDevice device = CpuDevice.open(2);

  @AfterEach
  void close() {
    device.close();
  }

  /** Losses and gradients of queries and as many keys. */
  private record Result(float[] loss, float[] dq, float[] dk, float slope) {}

  private Result contrast(float[] q, float[] k, float logScale, Negatives negatives) {
    int n = q.length / D;
    Buffer loss = Values.floats(new float[n]);
    Buffer dq = Values.floats(new float[q.length]);
    Buffer dk = Values.floats(new float[k.length]);
    Buffer slope = Values.floats(0);
    device
        .kernels()
        .contrast(
            Contrast.SYMMETRIC,
            loss,
            dq,
            dk,
            slope,
            Matrix.of(Values.floats(q), n, D),
            Matrix.of(Values.floats(k), k.length / D, D),
            Values.floats(logScale),
            negatives,
            Values.floats(1));
    return new Result(
        Values.floats(loss), Values.floats(dq), Values.floats(dk), Values.floats(slope)[0]);
  }

  @Test
  void aBatchOfOneHasNothingToLearn() {
    Result one = contrast(new float[] {1, 2, 3}, new float[] {3, 2, 1}, 2, Negatives.ALL);
    assertThat(one.loss).containsExactly(0);
    assertThat(one.dq).containsExactly(0, 0, 0);
    assertThat(one.dk).containsExactly(0, 0, 0);
    assertThat(one.slope).isZero();
  }

  @Test
  void whereEverythingIsMaskedThePositivesAreLeft() {
    Groups groups = new Groups(Values.ints(4, 4, 4), Values.ints(4, 4, 4));
    float[] x = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    Result result = contrast(x, x, 3, new Negatives(groups, null, null));
    assertThat(result.loss).containsExactly(0, 0, 0);
    assertThat(result.dq).containsOnly(0);
    assertThat(result.slope).isZero();
  }

  /** 2000 x 2000 logits would take 16 MB. */
  @Test
  void holdsATileOfLogitsAtATime() {
    float[] x = new float[2000 * D];
    contrast(x, x, 0, Negatives.ALL);
    assertThat(device.workspace().report().peak()).isBetween(1L << 20, 3L << 19);
    assertThat(device.workspace().report().used()).isZero();
  }

  /** Equal pairs share the probability: log 3 each, at any temperature. */
  @ParameterizedTest
  @ValueSource(floats = {0, 4.6051702f, 20})
  void equalPairsShareTheProbability(float logScale) {
    float[] x = {0.6f, 0.8f, 0, 0.6f, 0.8f, 0, 0.6f, 0.8f, 0};
    Result result = contrast(x, x, logScale, Negatives.ALL);
    for (float loss : result.loss) {
      assertThat(loss).isCloseTo((float) Math.log(3), within(1e-6f * (float) Math.exp(logScale)));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void valuesThatAreNotFiniteShow(float value) {
    float[] x = {1, 0, 0, 0, 1, 0};
    float[] broken = x.clone();
    broken[4] = value;
    assertThat(contrast(broken, x, 0, Negatives.ALL).loss[1]).isNaN();
    assertThat(contrast(x, broken, 0, Negatives.ALL).loss[1]).isNaN();
  }

  @Test
  void refusesFewerKeysThanQueries() {
    assertThatThrownBy(() -> contrast(new float[2 * D], new float[D], 0, Negatives.ALL))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("contrast: 2 queries need a key each, and there are 1 keys alone");
  }

  @Test
  void refusesGroupsBelowNone() {
    Groups groups = new Groups(Values.ints(0, -1), Values.ints(0, -2));
    assertRefused(
        new Negatives(groups, null, null),
        "contrast: keyGroups has group -2 in row 1; -1 means none, and none is lower");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 1 2 | 0 1 | rowStart must begin with 0, not 1",
        "0 2 1 | 0 1 | the exceptions of row 1 are 2 to 1 of 2",
        "0 1 3 | 0 1 | the exceptions of row 1 are 1 to 3 of 2",
        "0 0 2 | 1 0 | the exceptions of row 1 must be sorted keys below 2, but 0 follows 1",
        "0 1 2 | 1 2 | the exceptions of row 1 must be sorted keys below 2, but 2 follows -1",
      })
  void refusesExceptionsThatMeanNothing(String starts, String columns, String complaint) {
    Exceptions exceptions = new Exceptions(ints(starts), ints(columns));
    assertRefused(new Negatives(null, null, exceptions), "contrast: " + complaint);
  }

  private void assertRefused(Negatives negatives, String message) {
    assertThatThrownBy(() -> contrast(new float[2 * D], new float[2 * D], 0, negatives))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  private static Buffer ints(String values) {
    return Values.ints(
        Arrays.stream(values.trim().split(" ")).mapToInt(Integer::parseInt).toArray());
  }
}
