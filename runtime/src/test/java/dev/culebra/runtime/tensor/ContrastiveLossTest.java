package dev.culebra.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Contrast;
import dev.culebra.runtime.kernel.Negatives;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ContrastiveLossTest {

  private static final int QUERIES = 5;
  private static final int KEYS = 7;
  private static final int WIDTH = 6;
  private static final float SCALE = 0.25f;

  private final Device device = CpuDevice.open(2);
  private final Parameters parameters = new Parameters();
  private final Parameter logScale = learned("logScale", 1.5f);
  private final Parameter bias = learned("bias", -2);
  private final LossTerm term = new LossTerm(floats(SCALE), floats(0));
  private final Buffer rowLoss = device.allocate("row losses", DType.F32, QUERIES);
  private final float[] q = values(QUERIES);
  private final float[] k = values(KEYS);

  ContrastiveLossTest() {
    parameters.allocate(device);
    set(logScale.master(), 0, 1.5f);
    set(bias.master(), 0, -2);
  }

  @AfterEach
  void close() {
    parameters.close();
    device.close();
  }

  /** A loss as a function of a tape and its embeddings. */
  private interface Loss {
    void add(Tape tape, Tensor q, Tensor k);
  }

  private final Loss infoNce =
      (tape, query, key) ->
          ContrastiveLoss.infoNce(
              tape, query, key, logScale, Contrast.SYMMETRIC, Negatives.ALL, term, rowLoss);

  private final Loss sigmoid =
      (tape, query, key) ->
          ContrastiveLoss.sigmoid(tape, query, key, logScale, bias, Negatives.ALL, term, rowLoss);

  @Test
  void gradientsOfInfoNceAreItsSlopes() {
    gradientsAreSlopes(infoNce);
    slope(infoNce, logScale);
    assertThat(get(bias.gradient(), 0)).isZero();
  }

  @Test
  void gradientsOfTheSigmoidLossAreItsSlopes() {
    gradientsAreSlopes(sigmoid);
    slope(sigmoid, logScale);
    slope(sigmoid, bias);
  }

  private void gradientsAreSlopes(Loss loss) {
    double plain = total(loss);
    set(term.total(), 0, 0);
    try (Tape tape = Tape.recording(device)) {
      Tensor query = tensor(tape, "q", q);
      Tensor key = tensor(tape, "k", k);
      loss.add(tape, query, key);
      tape.backward();
      assertThat(get(term.total(), 0)).isCloseTo((float) (SCALE * plain), within(1e-5f));
      slopes(loss, q, tape.gradient(query));
      slopes(loss, k, tape.gradient(key));
    }
  }

  private void slopes(Loss loss, float[] values, Buffer gradient) {
    float step = 1e-2f;
    for (int i = 0; i < values.length; i++) {
      float before = values[i];
      values[i] = before + step;
      double above = total(loss);
      values[i] = before - step;
      double below = total(loss);
      values[i] = before;
      double slope = SCALE * (above - below) / (2 * step);
      assertThat((double) get(gradient, i)).as("gradient %d", i).isCloseTo(slope, within(2e-3));
    }
  }

  private void slope(Loss loss, Parameter parameter) {
    float step = 1e-2f;
    float before = get(parameter.master(), 0);
    set(parameter.master(), 0, before + step);
    double above = total(loss);
    set(parameter.master(), 0, before - step);
    double below = total(loss);
    set(parameter.master(), 0, before);
    double slope = SCALE * (above - below) / (2 * step);
    assertThat((double) get(parameter.gradient(), 0))
        .as("gradient of %s", parameter)
        .isCloseTo(slope, within(2e-3));
  }

  /** The plain sum of the rows' losses, which a tape that does not record adds. */
  private double total(Loss loss) {
    set(term.total(), 0, 0);
    try (Tape tape = Tape.forwardOnly(device)) {
      loss.add(tape, tensor(tape, "q", q), tensor(tape, "k", k));
    }
    double sum = 0;
    for (int i = 0; i < QUERIES; i++) {
      sum += get(rowLoss, i);
    }
    assertThat((double) get(term.total(), 0)).isCloseTo(sum, within(1e-4));
    return sum;
  }

  private static Tensor tensor(Tape tape, String name, float[] values) {
    Tensor tensor = tape.tensor(name, values.length / WIDTH, WIDTH);
    for (int i = 0; i < values.length; i++) {
      set(tensor.data(), i, values[i]);
    }
    return tensor;
  }

  private Parameter learned(String name, float value) {
    return parameters.add(Parameter.Kind.NORM, name, new Initializer.Constant(value), 1);
  }

  private Buffer floats(float value) {
    Buffer buffer = device.allocate("value", DType.F32, 1);
    set(buffer, 0, value);
    return buffer;
  }

  private static float[] values(int rows) {
    Random random = new Random(rows);
    float[] values = new float[rows * WIDTH];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 2;
    }
    return values;
  }

  private static float get(Buffer x, long i) {
    return x.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i);
  }

  private static void set(Buffer x, long i, float value) {
    x.memory().setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
  }
}
