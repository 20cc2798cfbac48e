package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.operations.reference.ContrastReference;
import dev.culebra.operations.reference.ContrastReference.Batch;
import dev.culebra.operations.reference.ContrastReference.Gradients;
import dev.culebra.operations.reference.ContrastReference.Masked;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What CLIP, SigLIP and the multiple negatives ranking loss answer for three pairs ({@code
 * objective_vectors.json}): the float64 reference to 1e-12, the CPU to 1e-6.
 */
final class ContrastVectorsTest {

  private static final JsonNode VECTORS = read("contrastive");
  private static final JsonNode EXPECTED = VECTORS.required("expected");
  private static final double[][] QUERY = rows("query");
  private static final double[][] KEY = rows("key");
  private static final double[][] HARD = rows("hard_negative");
  private static final double[][] KEY_AND_HARD = concat(KEY, HARD);
  private static final double TAU = Math.log(1 / 0.07);
  private static final double TWENTY = Math.log(20);
  private static final Masked NONE = (i, j) -> false;

  /** Who computes. */
  enum By {
    REFERENCE(1e-12),
    CPU(1e-6);

    private final double tolerance;

    By(double tolerance) {
      this.tolerance = tolerance;
    }

    Result contrast(Batch batch, boolean symmetric, double logScale) {
      double[] loss = new double[batch.n()];
      if (this == CPU) {
        try (Device device = CpuDevice.open(2)) {
          return new Result(
              loss, new ContrastDevice(device, batch).contrast(symmetric, logScale, loss));
        }
      }
      ContrastReference.contrast(batch, symmetric, logScale, loss);
      return new Result(loss, ContrastReference.contrastGradients(batch, symmetric, logScale));
    }

    Result sigmoid(Batch batch, double logScale, double bias) {
      double[] loss = new double[batch.n()];
      if (this == CPU) {
        try (Device device = CpuDevice.open(2)) {
          return new Result(loss, new ContrastDevice(device, batch).sigmoid(logScale, bias, loss));
        }
      }
      ContrastReference.sigmoid(batch, logScale, bias, loss);
      return new Result(loss, ContrastReference.sigmoidGradients(batch, logScale, bias));
    }

    void agrees(double actual, JsonNode expected, String what) {
      agrees(actual, expected.doubleValue(), Math.abs(expected.doubleValue()), what);
    }

    void agrees(double actual, double expected, double size, String what) {
      assertThat(actual).as("%s, %s", what, this).isCloseTo(expected, within(tolerance * size));
    }
  }

  /** Losses of the rows, and gradients of their sum. */
  private record Result(double[] losses, Gradients gradients) {

    double mean() {
      return Arrays.stream(losses).average().orElseThrow();
    }
  }

  @ParameterizedTest
  @EnumSource
  void contrastiveLosses(By by) {
    mean(by, QUERY, KEY, false, TAU, NONE, "info_nce_q2k_tau0.07");
    mean(by, KEY, QUERY, false, TAU, NONE, "info_nce_k2q_tau0.07");
    mean(by, QUERY, KEY, true, TAU, NONE, "clip_symmetric_scale_1/0.07");
    mean(by, QUERY, KEY, true, Math.log(100), NONE, "clip_symmetric_scale_clamped_100");
    Masked pair = (i, j) -> i == 0 && j == 2;
    mean(by, QUERY, KEY, false, TAU, pair, "false_negative_(0,2)_masked_-inf_q2k");
    mean(by, QUERY, KEY, false, TWENTY, NONE, "mnrl_scale20_pairs");
    mean(by, QUERY, KEY_AND_HARD, false, TWENTY, NONE, "mnrl_scale20_hard_negatives");
    mean(by, QUERY, KEY, true, TWENTY, NONE, "mnrl_symmetric_per_direction");
    // The queue alone is negative, not the other queries' keys.
    mean(
        by,
        QUERY,
        KEY_AND_HARD,
        false,
        TAU,
        (i, j) -> j < 3,
        "explicit_negative_queue_tau0.07(positive at index 0, 3 shared negatives)");
  }

  private static void mean(
      By by,
      double[][] query,
      double[][] key,
      boolean symmetric,
      double logScale,
      Masked masked,
      String name) {
    double mean = by.contrast(batch(query, key, masked), symmetric, logScale).mean();
    by.agrees(mean, EXPECTED.required(name), name);
  }

  @ParameterizedTest
  @EnumSource
  void gradientsOfClip(By by) {
    Gradients sum = by.contrast(batch(QUERY, KEY, NONE), true, TAU).gradients();
    by.agrees(sum.dlogScale() / 3, EXPECTED.required("clip_grad_log_logit_scale"), "d loss / d t'");
    gradients(by, QUERY, sum.dq(), EXPECTED.required("clip_grad_query"));
    gradients(by, KEY, sum.dk(), EXPECTED.required("clip_grad_key"));
  }

  /**
   * The golden gradients are those of the mean, with respect to rows before they are normalised.
   */
  private static void gradients(By by, double[][] rows, double[] ofUnit, JsonNode expected) {
    for (int i = 0; i < rows.length; i++) {
      double[] unit = unit(rows[i]);
      double along = 0;
      for (int c = 0; c < unit.length; c++) {
        along += ofUnit[i * unit.length + c] * unit[c];
      }
      for (int c = 0; c < unit.length; c++) {
        double actual = (ofUnit[i * unit.length + c] - along * unit[c]) / norm(rows[i]) / 3;
        by.agrees(actual, expected.get(i).get(c).doubleValue(), 1, "gradient " + i + ", " + c);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sigmoidLoss(By by) {
    Result result = by.sigmoid(batch(QUERY, KEY, NONE), Math.log(10), -10);
    by.agrees(result.mean(), EXPECTED.required("siglip_t10_b-10"), "loss");
    Gradients sum = result.gradients();
    by.agrees(sum.dlogScale() / 3, EXPECTED.required("siglip_grad_t_prime"), "d loss / d t'");
    by.agrees(sum.dbias() / 3, EXPECTED.required("siglip_grad_b"), "d loss / d b");
  }

  /** What two ranks compute in two shards is the loss of one batch of four. */
  @ParameterizedTest
  @EnumSource
  void sigmoidLossOfTwoShards(By by) {
    double[][] images = concat(QUERY, new double[][] {HARD[0]});
    double[][] texts = concat(KEY, new double[][] {HARD[1]});
    JsonNode expected = VECTORS.required("siglip_two_shards").required("full_batch4");
    Result result = by.sigmoid(batch(images, texts, NONE), Math.log(10), -10);
    by.agrees(result.mean(), expected, "loss");
  }

  private static Batch batch(double[][] query, double[][] key, Masked masked) {
    return new Batch(
        query.length, key.length, query[0].length, units(query), units(key), masked, masked);
  }

  private static double[] units(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(row -> Arrays.stream(unit(row))).toArray();
  }

  private static double[] unit(double[] row) {
    return Arrays.stream(row).map(x -> x / norm(row)).toArray();
  }

  private static double norm(double[] row) {
    return Math.sqrt(Arrays.stream(row).map(x -> x * x).sum());
  }

  private static double[][] rows(String name) {
    List<double[]> rows = new ArrayList<>();
    for (JsonNode row : VECTORS.required(name)) {
      rows.add(row.valueStream().mapToDouble(JsonNode::doubleValue).toArray());
    }
    return rows.toArray(double[][]::new);
  }

  private static double[][] concat(double[][] first, double[][] second) {
    List<double[]> all = new ArrayList<>(List.of(first));
    all.addAll(List.of(second));
    return all.toArray(double[][]::new);
  }

  private static JsonNode read(String section) {
    try (InputStream in =
        ContrastVectorsTest.class.getResourceAsStream("/objective_vectors.json")) {
      return JsonMapper.shared().readTree(in).required(section);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
