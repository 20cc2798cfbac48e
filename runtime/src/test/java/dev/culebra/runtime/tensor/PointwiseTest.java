package dev.culebra.runtime.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.kernel.Activation;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PointwiseTest {

  private static final long[] SHAPE = {3, 7};

  private final FiniteDifferences differences = new FiniteDifferences(5);

  @AfterEach
  void close() {
    differences.close();
  }

  @ParameterizedTest
  @EnumSource(names = "RELU", mode = EnumSource.Mode.EXCLUDE)
  void activationsHaveTheirGradients(Activation f) {
    differences.check((tape, x) -> Pointwise.activate(tape, "f", f, x.getFirst()), SHAPE);
  }

  /** Far from the kink on both sides, for differences across it would be wrong. */
  @Test
  void reluHasItsGradient() {
    differences.check(
        (tape, x) -> {
          Tensor away = tape.tensor("away", 3, 7);
          tape.kernels().fill(away.data(), 8);
          Tensor above = Pointwise.add(tape, "above", x.getFirst(), away);
          Tensor all = Pointwise.activate(tape, "f", Activation.RELU, above);
          tape.kernels().fill(away.data(), -8);
          Tensor below = Pointwise.add(tape, "below", x.getLast(), away);
          Tensor none = Pointwise.activate(tape, "g", Activation.RELU, below);
          return Pointwise.add(tape, "both", all, none);
        },
        SHAPE,
        SHAPE);
  }

  @ParameterizedTest
  @EnumSource(names = {"SILU", "GELU", "GELU_TANH"})
  void gatesHaveTheirGradients(Activation f) {
    differences.check(
        (tape, x) -> Pointwise.gated(tape, "gated", f, x.getFirst()), new long[] {3, 14});
  }

  @Test
  void sumsHaveTheirGradients() {
    differences.check(
        (tape, x) -> Pointwise.add(tape, "sum", x.getFirst(), x.getLast()), SHAPE, SHAPE);
    differences.check((tape, x) -> Pointwise.add(tape, "twice", x.getFirst(), x.getFirst()), SHAPE);
  }

  @Test
  void productsHaveTheirGradients() {
    differences.check(
        (tape, x) -> Pointwise.multiply(tape, "product", x.getFirst(), x.getLast()), SHAPE, SHAPE);
    differences.check(
        (tape, x) -> Pointwise.multiply(tape, "square", x.getFirst(), x.getFirst()), SHAPE);
  }

  @Test
  void modulationHasItsGradients() {
    differences.check(
        (tape, x) -> Pointwise.modulate(tape, "modulated", x.get(0), x.get(1), x.get(2)),
        SHAPE,
        SHAPE,
        SHAPE);
  }

  /** A residual around a modulation: x receives a gradient before the modulation runs backwards. */
  @Test
  void gradientsAddUpWhereATensorIsUsedTwice() {
    differences.check(
        (tape, x) -> {
          Tensor y = Pointwise.modulate(tape, "modulated", x.get(0), x.get(1), x.get(0));
          Tensor z = Pointwise.activate(tape, "activated", Activation.TANH, y);
          return Pointwise.add(tape, "residual", z, x.get(0));
        },
        SHAPE,
        SHAPE);
  }

  @Test
  void differentShapesAreRefused() {
    try (Tape tape = Tape.recording(differences.device())) {
      Tensor a = tape.tensor("a", 2, 3);
      Tensor b = tape.tensor("b", 3, 2);
      assertThatThrownBy(() -> Pointwise.multiply(tape, "product", a, b))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("product: a (2 x 3) and b (3 x 2) differ in shape");
      assertThat(Pointwise.add(tape, "sum", a, a).rows()).isEqualTo(2);
    }
  }
}
