package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Argument;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.reference.RegressionReference;
import java.util.List;

/** Row of the table: the mean squared error. */
public final class RegressionRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(squaredError());

  /** Rows weigh at most that much: what a signal-to-noise weight is cut to. */
  private static final double MOST_WEIGHT = 5;

  private RegressionRows() {}

  private record Shape(int n, int c, boolean weighted) {

    Argument prediction() {
      return matrix("prediction", n, c);
    }

    Argument target() {
      return matrix("target", n, c).constant();
    }

    Argument weight() {
      InputGenerator weights = (draw, i) -> draw.between(0, 10) * MOST_WEIGHT / 10;
      return buffer("weight", n).f32().from(weights).when(weighted);
    }

    /** Squares of differences of two normal values may reach a few dozen. */
    Tolerance tolerance() {
      return Tolerance.over(Math.sqrt(c)).scaled(MOST_WEIGHT);
    }
  }

  /** The loss alone, then the loss and the gradient, which takes the place of the prediction. */
  private static Operation<Shape> squaredError() {
    return Operation.of(
        "squaredError",
        draw -> Tails.rows(draw, (n, c, o) -> new Shape(n, c, o.on(0))),
        draw -> Tails.largeRows(draw, (n, c, o) -> new Shape(n, c, o.on(0))),
        Kernel.of(
            "squaredError",
            s ->
                List.of(buffer("loss", s.n).f32().result(), s.prediction(), s.target(), s.weight()),
            (s, a) ->
                RegressionReference.squaredError(
                    s.c, a.get("loss"), a.get("prediction"), a.get("target"), a.get("weight")),
            (k, s, b) ->
                k.squaredError(
                    b.buffer("loss"),
                    b.matrix("prediction"),
                    b.matrix("target"),
                    b.buffer("weight"),
                    null),
            Shape::tolerance),
        Gradient.by(
                Kernel.<Shape>of(
                    "squaredError",
                    s ->
                        List.of(
                            buffer("loss", s.n).f32().result(),
                            s.prediction().updated(),
                            s.target(),
                            s.weight(),
                            buffer("scale", 1).f32()),
                    (s, a) -> {
                      RegressionReference.squaredError(
                          s.c,
                          a.get("loss"),
                          a.get("prediction"),
                          a.get("target"),
                          a.get("weight"));
                      RegressionReference.squaredErrorGradient(
                          s.c,
                          a.get("prediction"),
                          a.get("target"),
                          a.get("weight"),
                          a.first("scale"));
                    },
                    (k, s, b) ->
                        k.squaredError(
                            b.buffer("loss"),
                            b.matrix("prediction"),
                            b.matrix("target"),
                            b.buffer("weight"),
                            b.buffer("scale")),
                    Shape::tolerance))
            .of("prediction", "prediction")
            .arriving("loss", values -> values.first("scale")));
  }
}
