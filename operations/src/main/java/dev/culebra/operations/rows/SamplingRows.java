package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Argument;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.runtime.kernel.Gumbel;
import dev.culebra.runtime.kernel.StepValues;
import java.util.List;

/**
 * Row of the table: classes drawn from the softmax of logits. What a device draws is compared with
 * what the Java noise says, so one bit of difference between the two may fail the row.
 */
public final class SamplingRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(sampleRows());

  /** Any seed but the bits of a NaN, which would not survive as a float64. */
  private static final int NO_NAN = ~(1 << 30);

  private SamplingRows() {}

  /**
   * N rows of V logits.
   *
   * @param gap each row's place is so much greater than that of the row before
   * @param first number of the first row
   */
  private record Shape(int n, int v, int gap, int stream, int first, int seed) {

    static Shape drawn(int n, int v, Draw draw) {
      int seed = draw.between(Integer.MIN_VALUE, Integer.MAX_VALUE - 1) & NO_NAN;
      return new Shape(n, v, draw.between(1, 3), draw.between(0, 9), draw.between(0, 99), seed);
    }

    /** Every seventh row has no place. */
    int place(int i) {
      return i % 7 == 6 ? -1 : i * gap;
    }

    Argument position() {
      return buffer("position", n).i32((draw, i) -> place(i));
    }

    Argument target() {
      return buffer("target", n).i32(InputGenerator.ids(v, 0, -1));
    }

    Argument stepValues() {
      double[] values = new double[StepValues.COUNT];
      values[StepValues.SEED] = Float.intBitsToFloat(seed);
      return buffer("stepValues", StepValues.COUNT).f32().from(InputGenerator.values(values));
    }

    void apply(double[] ids, double[] replaced, double[] logits, double[] target) {
      for (int i = 0; i < n; i++) {
        int best = 0;
        float highest = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < v; j++) {
          float score = (float) logits[i * v + j] + Gumbel.of(seed, stream, first + i, j);
          if (score > highest) {
            highest = score;
            best = j;
          }
        }
        if (place(i) >= 0) {
          ids[place(i)] = best;
          replaced[place(i)] = best == target[i] ? 0 : 1;
        }
      }
    }
  }

  private static Operation<Shape> sampleRows() {
    InputGenerator old = (draw, i) -> draw.between(0, 5);
    return Operation.of(
        "sampleRows",
        draw -> Tails.rows(draw, (n, v, o) -> Shape.drawn(n, v, draw)),
        draw -> Tails.largeRows(draw, (n, v, o) -> Shape.drawn(n, v, draw)),
        Kernel.of(
            "sampleRows",
            s ->
                List.of(
                    buffer("ids", 3 * s.n).i32(old).updated(),
                    buffer("replaced", 3 * s.n).i32(old).updated(),
                    matrix("logits", s.n, s.v).constant().anyLength(),
                    s.position(),
                    s.target(),
                    s.stepValues()),
            (s, a) -> s.apply(a.get("ids"), a.get("replaced"), a.get("logits"), a.get("target")),
            (k, s, b) ->
                k.sampleRows(
                    b.buffer("ids"),
                    b.buffer("replaced"),
                    b.matrix("logits"),
                    b.buffer("position"),
                    b.buffer("target"),
                    s.stream,
                    s.first,
                    b.buffer("stepValues")),
            s -> Tolerance.EXACT));
  }
}
