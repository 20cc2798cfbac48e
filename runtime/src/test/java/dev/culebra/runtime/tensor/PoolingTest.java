package dev.culebra.runtime.tensor;

import static dev.culebra.runtime.tensor.FiniteDifferences.read;
import static dev.culebra.runtime.tensor.FiniteDifferences.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Intervals;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PoolingTest {

  private static final long[] SHAPE = {6, 5};

  private final FiniteDifferences differences = new FiniteDifferences(6);

  /** Overlapping ones, an empty one, and a row, the last, that none holds. */
  private final Intervals intervals =
      new Intervals(differences.ints(0, 1, 3, 3), differences.ints(2, 3, 3, 5));

  @AfterEach
  void close() {
    differences.close();
  }

  @Test
  void directionsHaveTheirGradient() {
    differences.check((tape, x) -> Pooling.normalizeRows(tape, "directions", x.getFirst()), SHAPE);
  }

  @Test
  void directionsHaveLengthOne() {
    try (Tape tape = Tape.forwardOnly(differences.device())) {
      Tensor x = tape.tensor("x", 2, 2);
      write(x.data(), 3, -4, 0, 0);
      assertThat(read(Pooling.normalizeRows(tape, "directions", x).data()))
          .containsExactly(0.6f, -0.8f, 0, 0);
    }
  }

  @Test
  void meansHaveTheirGradient() {
    differences.check((tape, x) -> Pooling.pool(tape, "means", x.getFirst(), intervals, 4), SHAPE);
  }

  @Test
  void gatheredRowsHaveTheirGradient() {
    Buffer index = differences.ints(4, -1, 0, 4, 2);
    differences.check((tape, x) -> Pooling.gather(tape, "rows", x.getFirst(), index, 5), SHAPE);
  }

  @Test
  void gradientsAddUpWhereATensorIsUsedTwice() {
    Buffer index = differences.ints(5, 5, 1, -1);
    differences.check(
        (tape, x) -> {
          Tensor rows = Pooling.gather(tape, "rows", x.getFirst(), index, 4);
          Tensor means = Pooling.pool(tape, "means", x.getFirst(), intervals, 4);
          return Pointwise.add(tape, "both", rows, means);
        },
        SHAPE);
    differences.check(
        (tape, x) -> {
          Tensor unit = Pooling.normalizeRows(tape, "directions", x.getFirst());
          return Pointwise.add(tape, "both", unit, x.getFirst());
        },
        SHAPE);
  }
}
