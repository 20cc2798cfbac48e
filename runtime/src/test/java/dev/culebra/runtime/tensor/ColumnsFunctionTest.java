package dev.culebra.runtime.tensor;

import dev.culebra.runtime.kernel.Norm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ColumnsFunctionTest {

  private final FiniteDifferences differences = new FiniteDifferences(7);

  @AfterEach
  void close() {
    differences.close();
  }

  /** As the denoiser splits its modulation vectors; the middle column is used by none. */
  @Test
  void slicesOfColumnsGiveTheirGradientBack() {
    differences.check(
        (tape, x) -> {
          Tensor scale = Functions.columns(tape, "scale", x.getFirst(), 0, 3);
          Tensor shift = Functions.columns(tape, "shift", x.getFirst(), 4, 3);
          return Pointwise.modulate(tape, "modulated", x.getLast(), scale, shift);
        },
        new long[] {4, 7},
        new long[] {4, 3});
  }

  @Test
  void slicesMayOverlapAndTheWholeBeUsedToo() {
    differences.check(
        (tape, x) -> {
          Tensor left = Functions.columns(tape, "left", x.getFirst(), 0, 4);
          Tensor right = Functions.columns(tape, "right", x.getFirst(), 1, 4);
          Tensor both = Pointwise.multiply(tape, "both", left, right);
          Tensor first = Functions.columns(tape, "first", both, 0, 4);
          return Pointwise.add(tape, "sum", first, both);
        },
        new long[] {3, 5});
  }

  @Test
  void aNormWithoutAffinePartHasItsGradient() {
    Norm layer = new Norm(Norm.Kind.LAYER, 1e-2f);
    differences.check(
        (tape, x) ->
            Functions.norm(tape, "norm", layer, x.getFirst(), null, null, null).normalized(),
        new long[] {4, 6});
  }
}
