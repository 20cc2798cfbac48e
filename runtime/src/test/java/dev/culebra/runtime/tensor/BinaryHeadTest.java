package dev.culebra.runtime.tensor;

import static dev.culebra.runtime.tensor.FiniteDifferences.read;
import static dev.culebra.runtime.tensor.FiniteDifferences.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.Parameter.Kind;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Binary cross entropy: log(1 + e^z) - y z, whose slope in z is sigmoid(z) - y. */
final class BinaryHeadTest {

  private static final Offset<Float> ROUNDING = Offset.offset(2e-5f);
  private static final float SCALE = 0.25f;
  private static final int[] TARGETS = {0, 1, 1, CrossEntropy.IGNORE, 0, 1, 0};
  private static final int WIDTH = 5;

  private final FiniteDifferences memory = new FiniteDifferences(8);
  private final Parameters parameters = new Parameters();
  private final Parameter weight =
      parameters.add(Kind.HEAD, "weight", Initializer.zeros(), 1, WIDTH);
  private final Parameter bias = parameters.add(Kind.BIAS, "bias", Initializer.zeros(), 1);
  private final BinaryHead head = new BinaryHead(weight, bias);
  private final Buffer targets = memory.ints(TARGETS);
  private final Buffer total = memory.floats(10);
  private final LossTerm term = new LossTerm(memory.floats(SCALE), total);
  private final float[] x = memory.draw((long) TARGETS.length * WIDTH);
  private final float[] w = memory.draw(WIDTH);

  @BeforeEach
  void set() {
    parameters.allocate(memory.device());
    write(weight.value(), w);
    write(bias.value(), 0.5f);
  }

  @AfterEach
  void close() {
    parameters.close();
    memory.close();
  }

  private Tensor rows(Tape tape) {
    Tensor rows = tape.tensor("rows", TARGETS.length, WIDTH);
    write(rows.data(), x);
    return rows;
  }

  private double logit(int row) {
    double z = 0.5;
    for (int i = 0; i < WIDTH; i++) {
      z += (double) x[row * WIDTH + i] * w[i];
    }
    return z;
  }

  private double loss() {
    double sum = 0;
    for (int row = 0; row < TARGETS.length; row++) {
      double z = logit(row);
      sum += TARGETS[row] < 0 ? 0 : Math.log1p(Math.exp(z)) - TARGETS[row] * z;
    }
    return sum;
  }

  @Test
  void aRecordingTapeScalesTheSumAndPassesTheGradients() {
    float[] dx = new float[x.length];
    float[] dw = new float[WIDTH];
    float db = 0;
    for (int row = 0; row < TARGETS.length; row++) {
      double slope = TARGETS[row] < 0 ? 0 : 1 / (1 + Math.exp(-logit(row))) - TARGETS[row];
      for (int i = 0; i < WIDTH; i++) {
        dx[row * WIDTH + i] = (float) (SCALE * slope * w[i]);
        dw[i] += (float) (SCALE * slope * x[row * WIDTH + i]);
      }
      db += (float) (SCALE * slope);
    }
    try (Tape tape = Tape.recording(memory.device())) {
      Tensor rows = rows(tape);
      head.loss(tape, rows, targets, term);
      assertThat(read(total)[0]).isCloseTo((float) (10 + SCALE * loss()), ROUNDING);
      tape.backward();
      assertThat(read(tape.gradient(rows))).containsExactly(dx, ROUNDING);
      assertThat(read(weight.gradient())).containsExactly(dw, ROUNDING);
      assertThat(read(bias.gradient())[0]).isCloseTo(db, ROUNDING);
    }
  }

  @Test
  void anotherTapeAddsThePlainSumAndTellsTheLogits() {
    try (Tape tape = Tape.forwardOnly(memory.device())) {
      Tensor rows = rows(tape);
      head.loss(tape, rows, targets, term);
      assertThat(read(total)[0]).isCloseTo((float) (10 + loss()), ROUNDING);
      float[] logits = head.logits(tape, rows);
      for (int row = 0; row < TARGETS.length; row++) {
        assertThat(logits[row]).isCloseTo((float) logit(row), ROUNDING);
      }
    }
  }
}
