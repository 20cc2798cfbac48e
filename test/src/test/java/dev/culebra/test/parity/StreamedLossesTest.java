package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.operations.reference.ContrastReference;
import dev.culebra.operations.reference.ContrastReference.Batch;
import dev.culebra.operations.reference.ContrastReference.Gradients;
import dev.culebra.operations.reference.ContrastReference.Masked;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.test.lane.Seeds;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Batches that no tile divides, on the CPU, against the losses of the whole matrix of logits in
 * float64.
 */
final class StreamedLossesTest {

  private static final int N = 1000;
  private static final int D = 24;
  private static final double LOG_SCALE = Math.log(1 / 0.07);

  /** Logits of up to 14 are off by some 1e-6, so are probabilities, and gradients 14 times that. */
  private static final double TOLERANCE = 1e-4;

  private final long seed = Seeds.all().getFirst();
  private final Random random = new Random(seed);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void contrastEqualsTheUnstreamedLoss(boolean symmetric) {
    Batch batch = batch(symmetric ? N : N + 77);
    double[] expected = new double[N];
    ContrastReference.contrast(batch, symmetric, LOG_SCALE, expected);
    double[] loss = new double[N];
    try (Device device = CpuDevice.open(2)) {
      Gradients actual = new ContrastDevice(device, batch).contrast(symmetric, LOG_SCALE, loss);
      compare("loss", loss, expected);
      compare(actual, ContrastReference.contrastGradients(batch, symmetric, LOG_SCALE));
    }
  }

  @Test
  void sigmoidEqualsTheUnstreamedLoss() {
    Batch batch = batch(N);
    double[] expected = new double[N];
    ContrastReference.sigmoid(batch, LOG_SCALE, -3, expected);
    double[] loss = new double[N];
    try (Device device = CpuDevice.open(2)) {
      Gradients actual = new ContrastDevice(device, batch).sigmoid(LOG_SCALE, -3, loss);
      compare("loss", loss, expected);
      compare(actual, ContrastReference.sigmoidGradients(batch, LOG_SCALE, -3));
    }
  }

  private void compare(Gradients actual, Gradients expected) {
    compare("dq", actual.dq(), expected.dq());
    compare("dk", actual.dk(), expected.dk());
    // Of the mean: sums over all pairs, whose terms are of either sign.
    compare("dlogScale", actual.dlogScale() / N, expected.dlogScale() / N);
    compare("dbias", actual.dbias() / N, expected.dbias() / N);
  }

  private void compare(String what, double[] actual, double[] expected) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      compare(what + " " + i, actual[i], expected[i]);
    }
  }

  private void compare(String what, double actual, double expected) {
    assertThat(actual)
        .as("%s (-Dculebra.test.seed=%d)", what, seed)
        .isCloseTo(expected, within(TOLERANCE * (1 + Math.abs(expected))));
  }

  /** Queries near their keys, all of unit length in float32; every eleventh pair is masked. */
  private Batch batch(int keys) {
    double[] q = new double[N * D];
    double[] k = new double[keys * D];
    for (int j = 0; j < keys; j++) {
      double[] key = random.doubles(D, -1, 1).toArray();
      unit(key, k, j);
      if (j < N) {
        double[] noise = random.doubles(D, -1, 1).toArray();
        unit(IntStream.range(0, D).mapToDouble(c -> key[c] + noise[c]).toArray(), q, j);
      }
    }
    Masked masked = (i, j) -> (i * 7 + j) % 11 == 0;
    return new Batch(N, keys, D, q, k, masked, masked);
  }

  private static void unit(double[] row, double[] rows, int i) {
    double square = 0;
    for (double x : row) {
      square += x * x;
    }
    for (int c = 0; c < D; c++) {
      rows[i * D + c] = (float) (row[c] / Math.sqrt(square));
    }
  }
}
