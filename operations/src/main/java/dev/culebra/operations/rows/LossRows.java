package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Argument;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.reference.LossReference;
import dev.culebra.operations.reference.MemoryReference;
import dev.culebra.runtime.kernel.CrossEntropy;
import java.util.List;

/** Rows of the table: losses. */
public final class LossRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(crossEntropy(), addSum());

  private LossRows() {}

  /**
   * N rows of V logits.
   *
   * @param ignored share of rows without label
   * @param size of the logits; exponentials of large ones overflow unless shifted
   */
  private record Shape(int n, int v, CrossEntropy options, double ignored, double size) {

    static Shape drawn(int n, int v, Tails.Options options, Draw draw) {
      return new Shape(
          n,
          v,
          new CrossEntropy(options.on(0) ? 0.1f : 0, options.on(1) ? 1e-2f : 0),
          draw.one(List.of(0.0, 0.3, 1.0)),
          draw.one(List.of(1.0, 1.0, 200.0)));
    }

    Argument logits() {
      return matrix("logits", n, v).anyLength().from(InputGenerator.normal(0, size));
    }

    Argument targets() {
      return buffer("target", n).i32(InputGenerator.ids(v, ignored, CrossEntropy.IGNORE));
    }

    /**
     * A rounding of a logit is a relative error of its exponential; in the sum of V exponentials
     * these errors have random directions.
     */
    Tolerance tolerance() {
      return Tolerance.over(Math.sqrt(v)).scaled(size * (1 + options.zLoss() * size));
    }
  }

  /** The loss alone, then the loss and the gradient, which takes the place of the logits. */
  private static Operation<Shape> crossEntropy() {
    return Operation.of(
        "crossEntropy",
        draw -> Tails.rows(draw, (n, v, o) -> Shape.drawn(n, v, o, draw)),
        draw -> Tails.largeRows(draw, (n, v, o) -> Shape.drawn(n, v, o, draw)),
        Kernel.of(
            "crossEntropy",
            s -> List.of(buffer("loss", s.n).f32().result(), s.logits(), s.targets()),
            (s, a) ->
                LossReference.crossEntropy(
                    s.options, s.v, a.get("loss"), a.get("logits"), a.get("target")),
            (k, s, b) ->
                k.crossEntropy(
                    s.options, b.buffer("loss"), b.matrix("logits"), b.buffer("target"), null),
            Shape::tolerance),
        Gradient.by(
                Kernel.<Shape>of(
                    "crossEntropy",
                    s ->
                        List.of(
                            buffer("loss", s.n).f32().result(),
                            s.logits().updated(),
                            s.targets(),
                            buffer("scale", 1).f32()),
                    (s, a) -> {
                      LossReference.crossEntropy(
                          s.options, s.v, a.get("loss"), a.get("logits"), a.get("target"));
                      LossReference.crossEntropyGradient(
                          s.options, s.v, a.get("logits"), a.get("target"), a.first("scale"));
                    },
                    (k, s, b) ->
                        k.crossEntropy(
                            s.options,
                            b.buffer("loss"),
                            b.matrix("logits"),
                            b.buffer("target"),
                            b.buffer("scale")),
                    Shape::tolerance))
            .of("logits", "logits")
            .arriving("loss", values -> values.first("scale")));
  }

  private record Sum(int n, boolean scale) {}

  private static Operation<Sum> addSum() {
    return Operation.of(
        "addSum",
        draw -> Tails.lengths(draw, (n, o) -> new Sum(n, o.on(0))),
        draw -> Tails.largeLengths(draw, (n, o) -> new Sum(n, o.on(0))),
        Kernel.of(
            "addSum",
            s ->
                List.of(
                    buffer("result", 1).f32().added(),
                    buffer("x", s.n).f32().anyLength(),
                    buffer("scale", 1).f32().when(s.scale)),
            (s, a) ->
                a.get("result")[0] +=
                    (s.scale ? a.first("scale") : 1) * MemoryReference.sum(a.get("x")),
            (k, s, b) -> k.addSum(b.buffer("result"), b.buffer("x"), b.buffer("scale")),
            s -> Tolerance.over(s.n)));
  }
}
