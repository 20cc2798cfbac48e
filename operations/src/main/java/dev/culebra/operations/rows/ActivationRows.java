package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Generator;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.harness.Values;
import dev.culebra.operations.reference.ActivationReference;
import dev.culebra.runtime.kernel.Epilogue;
import java.util.List;

/** Rows of the table: activations. */
public final class ActivationRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(gelu(), swiglu());

  /** Wide enough to reach the flat ends of the curves. */
  private static final Generator WIDE = Generator.normal(0, 3);

  /** In x s (1 - s), with s the sigmoid of the exponent, 1 - s cancels; x and more amplify that. */
  private static final double CANCELLATION = 8;

  private ActivationRows() {}

  private record Length(int n, boolean inPlace) {}

  /** GELU by itself: the forward pass has it as epilogue, here of a product with the matrix [1]. */
  private static Operation<Length> gelu() {
    return Operation.of(
        "gelu",
        draw -> Tails.lengths(draw, (n, o) -> new Length(n, o.on(0))),
        draw -> Tails.largeLengths(draw, (n, o) -> new Length(n, o.on(0))),
        Kernel.of(
            "matmul",
            s ->
                List.of(
                    matrix("y", s.n, 1).result(),
                    buffer("kept", s.n).result(),
                    matrix("x", s.n, 1).from(WIDE),
                    matrix("one", 1, 1).constant().from(Generator.constant(1))),
            (s, a) -> {
              for (int i = 0; i < s.n; i++) {
                a.get("kept")[i] = a.first("one") * a.get("x")[i];
                a.get("y")[i] = ActivationReference.gelu(a.get("kept")[i]);
              }
            },
            (k, s, b) ->
                k.matmul(
                    b.matrix("y"),
                    b.matrix("x"),
                    b.matrix("one"),
                    Epilogue.biasGelu(null, b.buffer("kept"))),
            s -> Tolerance.POINTWISE),
        Gradient.by(
                Kernel.<Length>of(
                    "geluBackward",
                    s ->
                        List.of(
                            s.inPlace ? buffer("dy", s.n).updated() : buffer("dy", s.n),
                            buffer("dx", s.n).result().when(!s.inPlace),
                            buffer("x", s.n)),
                    (s, a) -> geluBackward(s.inPlace ? a.get("dy") : a.get("dx"), a),
                    (k, s, b) ->
                        k.geluBackward(
                            s.inPlace ? b.buffer("dy") : b.buffer("dx"),
                            b.buffer("dy"),
                            b.buffer("x")),
                    s -> Tolerance.POINTWISE.scaled(CANCELLATION)))
            .of("x", s -> s.inPlace ? "dy" : "dx"));
  }

  private static void geluBackward(double[] dx, Values v) {
    for (int i = 0; i < dx.length; i++) {
      dx[i] = v.get("dy")[i] * ActivationReference.geluDerivative(v.get("x")[i]);
    }
  }

  private record Shape(int n, int c) {}

  private static Operation<Shape> swiglu() {
    return Operation.of(
        "swiglu",
        draw -> Tails.rows(draw, (n, c, o) -> new Shape(n, c)),
        draw -> Tails.largeRows(draw, (n, c, o) -> new Shape(n, c)),
        Kernel.of(
            "swiglu",
            s -> List.of(matrix("y", s.n, s.c).result(), matrix("x", s.n, 2 * s.c).from(WIDE)),
            (s, a) -> ActivationReference.swiglu(s.n, s.c, a.get("y"), a.get("x")),
            (k, s, b) -> k.swiglu(b.matrix("y"), b.matrix("x")),
            s -> Tolerance.POINTWISE),
        Gradient.by(
            Kernel.of(
                "swigluBackward",
                s ->
                    List.of(
                        matrix("dx", s.n, 2 * s.c).result(),
                        matrix("dy", s.n, s.c),
                        matrix("x", s.n, 2 * s.c).from(WIDE)),
                (s, a) ->
                    ActivationReference.swigluBackward(
                        s.n, s.c, a.get("dx"), a.get("dy"), a.get("x")),
                (k, s, b) -> k.swigluBackward(b.matrix("dx"), b.matrix("dy"), b.matrix("x")),
                s -> Tolerance.POINTWISE)));
  }
}
