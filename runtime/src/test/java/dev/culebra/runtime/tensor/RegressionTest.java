package dev.culebra.runtime.tensor;

import static dev.culebra.runtime.tensor.FiniteDifferences.read;
import static dev.culebra.runtime.tensor.FiniteDifferences.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Matrix;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RegressionTest {

  private static final Offset<Float> ROUNDING = Offset.offset(1e-6f);

  private final FiniteDifferences memory = new FiniteDifferences(8);
  private final Matrix target = Matrix.of(memory.floats(1, 1, 1, 1, 2, 2), 2, 3);
  private final Buffer weight = memory.floats(0.5f, 4);
  private final Buffer total = memory.floats(10);
  private final LossTerm term = new LossTerm(memory.floats(0.25f), total);

  @AfterEach
  void close() {
    memory.close();
  }

  private static Tensor prediction(Tape tape) {
    Tensor prediction = tape.tensor("prediction", 2, 3);
    write(prediction.data(), 1, 3, 0, 1, 2, 3);
    return prediction;
  }

  /** Errors 0 4 1 and 0 0 1: means 5/3 and 1/3. */
  @Test
  void aRecordingTapeScalesTheSumAndPassesTheGradient() {
    try (Tape tape = Tape.recording(memory.device())) {
      Tensor prediction = prediction(tape);
      Regression.loss(tape, prediction, target, weight, term);
      assertThat(read(total)[0]).isCloseTo(10 + 0.25f * (2.5f / 3 + 4f / 3), ROUNDING);
      assertThat(read(prediction.data())).containsExactly(1, 3, 0, 1, 2, 3);
      tape.backward();
      float[] gradient = read(tape.gradient(prediction));
      float[] expected = {0, 0.5f / 3, -0.25f / 3, 0, 0, 2f / 3};
      assertThat(gradient).containsExactly(expected, ROUNDING);
    }
  }

  @Test
  void anotherTapeAddsThePlainSum() {
    try (Tape tape = Tape.forwardOnly(memory.device())) {
      Tensor prediction = prediction(tape);
      Regression.loss(tape, prediction, target, null, term);
      assertThat(read(total)[0]).isCloseTo(12, ROUNDING);
      assertThat(read(prediction.data())).containsExactly(1, 3, 0, 1, 2, 3);
    }
  }
}
