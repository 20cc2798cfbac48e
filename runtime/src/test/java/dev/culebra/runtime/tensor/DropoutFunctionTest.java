package dev.culebra.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.StepValues;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DropoutFunctionTest {

  private static final int SEED = 99;
  private static final int ROWS = 5;
  private static final int WIDTH = 7;
  private static final int PASS = 3;

  private final Device device = CpuDevice.open(1);
  private final Buffer stepValues = device.allocate("values", DType.F32, StepValues.COUNT);

  DropoutFunctionTest() {
    stepValues.memory().setAtIndex(ValueLayout.JAVA_INT, StepValues.SEED, SEED);
  }

  @AfterEach
  void close() {
    device.close();
  }

  @Test
  void gradientsPassWhereValuesPassed() {
    try (Tape tape = Tape.recording(device).with(new Noise(stepValues, 0.5f, PASS))) {
      Tensor x = ones(tape, "x");
      Tensor y = Pointwise.dropout(tape, "dropout", x);
      assertMasked(y.data());
      Buffer gradient = filled(tape, "gradient");
      tape.record("loss", () -> tape.pass(y, gradient), List.of(), gradient);
      tape.backward();
      assertMasked(tape.gradient(x));
    }
  }

  /** What arrives at y may be another tensor's gradient too, as behind a residual sum. */
  @Test
  void aGradientThatOthersHoldStaysAsItIs() {
    try (Tape tape = Tape.recording(device).with(new Noise(stepValues, 0.5f, PASS))) {
      Tensor x = ones(tape, "x");
      Tensor other = ones(tape, "other");
      Tensor y = Pointwise.dropout(tape, "dropout", x);
      Buffer gradient = filled(tape, "gradient");
      tape.record(
          "loss",
          () -> {
            tape.pass(y, gradient);
            tape.pass(other, gradient);
          },
          List.of(),
          gradient);
      tape.backward();
      assertMasked(tape.gradient(x));
      for (long i = 0; i < ROWS * WIDTH; i++) {
        assertThat(value(tape.gradient(other), i)).isEqualTo(1);
      }
    }
  }

  @Test
  void placesPassesAndPartsDropDifferently() {
    Noise noise = new Noise(stepValues, 0.5f, PASS);
    assertThat(List.of(noise.part(0).stream(), noise.part(1).stream(), noise.stream()))
        .doesNotHaveDuplicates()
        .doesNotContain(noise.stream(), new Noise(stepValues, 0.5f, PASS + 1).stream());
    Noise again = new Noise(stepValues, 0.5f, PASS);
    Noise same = new Noise(stepValues, 0.5f, PASS);
    assertThat(again.part(5).stream()).isEqualTo(same.part(5).stream());
  }

  @Test
  void nothingIsDroppedWithoutNoise() {
    try (Tape tape = Tape.forwardOnly(device)) {
      Tensor x = ones(tape, "x");
      assertThat(Pointwise.dropout(tape, "dropout", x)).isSameAs(x);
    }
  }

  private static Tensor ones(Tape tape, String name) {
    Tensor tensor = tape.tensor(name, ROWS, WIDTH);
    tape.kernels().fill(tensor.data(), 1);
    return tensor;
  }

  private static Buffer filled(Tape tape, String name) {
    Buffer buffer = tape.scratch(name, ROWS * WIDTH);
    tape.kernels().fill(buffer, 1);
    return buffer;
  }

  /** As the first place of the pass drops. */
  private void assertMasked(Buffer buffer) {
    Dropout half = new Dropout(0.5f, new Noise(stepValues, 0.5f, PASS).stream());
    for (long i = 0; i < ROWS * WIDTH; i++) {
      assertThat(value(buffer, i)).as("value %d", i).isEqualTo(half.keeps(SEED, i) ? 2 : 0);
    }
  }

  private static float value(Buffer buffer, long i) {
    return buffer.memory().getAtIndex(ValueLayout.JAVA_FLOAT, i);
  }
}
