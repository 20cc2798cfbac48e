package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;

import dev.culebra.operations.harness.Argument;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.StepValues;
import java.util.List;

/**
 * Row of the table: dropout. Which values a device keeps is compared with what the Java hash says,
 * so one bit of difference between the two hashes fails the row.
 */
public final class DropoutRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(dropout());

  /** Any seed but the bits of a NaN, which would not survive as a float64. */
  private static final int NO_NAN = ~(1 << 30);

  private DropoutRows() {}

  private record Shape(int n, Dropout dropout, int seed, boolean inPlace) {

    static Shape drawn(int n, Tails.Options options, Draw draw) {
      Dropout dropout =
          new Dropout(draw.one(List.of(0f, 0.1f, 0.5f, 0.99f)), draw.between(0, 1000));
      int seed = draw.between(Integer.MIN_VALUE, Integer.MAX_VALUE - 1) & NO_NAN;
      return new Shape(n, dropout, seed, options.on(0));
    }

    Argument stepValues() {
      double[] values = new double[StepValues.COUNT];
      values[StepValues.SEED] = Float.intBitsToFloat(seed);
      return buffer("stepValues", StepValues.COUNT).f32().from(InputGenerator.values(values));
    }

    void apply(double[] y, double[] x) {
      for (int i = 0; i < n; i++) {
        y[i] = dropout.keeps(seed, i) ? x[i] / (1 - (double) dropout.rate()) : 0;
      }
    }
  }

  private static Operation<Shape> dropout() {
    return Operation.of(
        "dropout",
        draw -> Tails.lengths(draw, (n, o) -> Shape.drawn(n, o, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Shape.drawn(n, o, draw)),
        Kernel.of(
            "dropout",
            s -> List.of(buffer("y", s.n).result(), buffer("x", s.n), s.stepValues()),
            (s, a) -> s.apply(a.get("y"), a.get("x")),
            (k, s, b) -> k.dropout(s.dropout, b.buffer("y"), b.buffer("x"), b.buffer("stepValues")),
            DropoutRows::tolerance),
        Gradient.by(
                Kernel.<Shape>of(
                    "dropout",
                    s ->
                        List.of(
                            s.inPlace ? buffer("dy", s.n).updated().anyLength() : buffer("dy", s.n),
                            buffer("dx", s.n).result().when(!s.inPlace),
                            s.stepValues()),
                    (s, a) -> s.apply(s.inPlace ? a.get("dy") : a.get("dx"), a.get("dy")),
                    (k, s, b) ->
                        k.dropout(
                            s.dropout,
                            s.inPlace ? b.buffer("dy") : b.buffer("dx"),
                            b.buffer("dy"),
                            b.buffer("stepValues")),
                    DropoutRows::tolerance))
            .of("x", s -> s.inPlace ? "dy" : "dx"));
  }

  /** Values grow with 1 / (1 - rate). */
  private static Tolerance tolerance(Shape s) {
    return Tolerance.POINTWISE.scaled(s.dropout.scale());
  }
}
