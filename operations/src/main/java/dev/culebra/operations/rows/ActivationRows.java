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
import dev.culebra.operations.harness.Values;
import dev.culebra.operations.reference.ActivationReference;
import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.kernel.Epilogue;
import java.util.List;
import java.util.stream.Stream;

/** Rows of the table: activations. */
public final class ActivationRows {

  private static final List<Activation> GATES =
      Stream.of(Activation.values()).filter(Activation::gates).toList();

  /** All of them. */
  public static final List<Operation<?>> ROWS =
      Stream.concat(
              Stream.of(geluEpilogue(), activateInPlace()),
              Stream.concat(
                  Stream.of(Activation.values()).map(ActivationRows::activate),
                  GATES.stream().map(ActivationRows::gated)))
          .<Operation<?>>map(row -> row)
          .toList();

  /**
   * How much less exact a slope is than a value: for GELU's tanh form, 1 - s cancels in x s (1 - s)
   * with s the sigmoid of the exponent, and x and more amplify that.
   */
  private static double cancellation(Activation f) {
    return f == Activation.GELU_TANH ? 8 : 2;
  }

  private ActivationRows() {}

  /** Wide enough to reach the flat ends of the curves, and not at the kink of {@code RELU}. */
  private static InputGenerator wide() {
    return (draw, i) -> {
      double x = 3 * draw.normal();
      return Math.abs(x) < 0.01 ? 0.01 : x;
    };
  }

  private static String name(String operation, Activation f) {
    return operation + " " + f;
  }

  /** The gradient may lie on dy or on x. */
  private record Length(int n, String place) {

    static Length drawn(int n, Draw draw) {
      return new Length(n, draw.one(List.of("none", "dy", "x")));
    }

    String gradient() {
      return place.equals("none") ? "dx" : place;
    }

    Argument given(String name) {
      Argument argument = buffer(name, n);
      return place.equals(name) ? argument.updated() : argument;
    }
  }

  private static Operation<Length> activate(Activation f) {
    return Operation.of(
        name("activate", f),
        draw -> Tails.lengths(draw, (n, o) -> Length.drawn(n, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Length.drawn(n, draw)),
        Kernel.of(
            "activate",
            s -> List.of(buffer("y", s.n).result(), buffer("x", s.n).from(wide())),
            (s, a) -> {
              for (int i = 0; i < s.n; i++) {
                a.get("y")[i] = ActivationReference.value(f, a.get("x")[i]);
              }
            },
            (k, s, b) -> k.activate(f, b.buffer("y"), b.buffer("x")),
            s -> Tolerance.POINTWISE),
        Gradient.by(
                Kernel.<Length>of(
                    "activateBackward",
                    s ->
                        List.of(
                            buffer("dx", s.n).result().when(s.place.equals("none")),
                            s.given("dy"),
                            s.given("x").from(wide())),
                    (s, a) -> {
                      for (int i = 0; i < s.n; i++) {
                        double slope = ActivationReference.slope(f, a.get("x")[i]);
                        a.get(s.gradient())[i] = a.get("dy")[i] * slope;
                      }
                    },
                    (k, s, b) ->
                        k.activateBackward(
                            f, b.buffer(s.gradient()), b.buffer("dy"), b.buffer("x")),
                    s -> Tolerance.POINTWISE.scaled(cancellation(f))))
            .of("x", Length::gradient));
  }

  private static Operation<Length> activateInPlace() {
    Activation f = Activation.QUICK_GELU;
    return Operation.of(
        "activate in place",
        draw -> Tails.lengths(draw, (n, o) -> Length.drawn(n, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Length.drawn(n, draw)),
        Kernel.of(
            "activate",
            s -> List.of(buffer("x", s.n).updated().anyLength().from(wide())),
            (s, a) -> {
              for (int i = 0; i < s.n; i++) {
                a.get("x")[i] = ActivationReference.value(f, a.get("x")[i]);
              }
            },
            (k, s, b) -> k.activate(f, b.buffer("x"), b.buffer("x")),
            s -> Tolerance.POINTWISE));
  }

  /** GELU as an epilogue, here of a product with the matrix [1]. */
  private static Operation<Length> geluEpilogue() {
    return Operation.of(
        "gelu epilogue",
        draw -> Tails.lengths(draw, (n, o) -> new Length(n, "dy")),
        draw -> Tails.largeLengths(draw, (n, o) -> new Length(n, "dy")),
        Kernel.of(
            "matmul",
            s ->
                List.of(
                    matrix("y", s.n, 1).result(),
                    buffer("kept", s.n).result(),
                    matrix("x", s.n, 1).from(wide()),
                    matrix("one", 1, 1).constant().from(InputGenerator.constant(1))),
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
                    "activateBackward",
                    s -> List.of(buffer("dy", s.n).updated(), buffer("x", s.n)),
                    (s, a) -> geluBackward(a.get("dy"), a),
                    (k, s, b) ->
                        k.activateBackward(
                            Activation.GELU_TANH, b.buffer("dy"), b.buffer("dy"), b.buffer("x")),
                    s -> Tolerance.POINTWISE.scaled(cancellation(Activation.GELU_TANH))))
            .of("x", "dy"));
  }

  private static void geluBackward(double[] dx, Values v) {
    for (int i = 0; i < dx.length; i++) {
      dx[i] = v.get("dy")[i] * ActivationReference.geluDerivative(v.get("x")[i]);
    }
  }

  private record Shape(int n, int c) {

    /** A wide gate, and what it gates. */
    Argument x() {
      InputGenerator gate = wide();
      InputGenerator up = InputGenerator.normal();
      return matrix("x", n, 2 * c).from((draw, i) -> (i % (2 * c) < c ? gate : up).next(draw, i));
    }
  }

  private static Operation<Shape> gated(Activation f) {
    return Operation.of(
        name("gated", f),
        draw -> Tails.rows(draw, (n, c, o) -> new Shape(n, c)),
        draw -> Tails.largeRows(draw, (n, c, o) -> new Shape(n, c)),
        Kernel.of(
            "gated",
            s -> List.of(matrix("y", s.n, s.c).result(), s.x()),
            (s, a) -> ActivationReference.gated(f, s.n, s.c, a.get("y"), a.get("x")),
            (k, s, b) -> k.gated(f, b.matrix("y"), b.matrix("x")),
            s -> Tolerance.POINTWISE),
        Gradient.by(
            Kernel.of(
                "gatedBackward",
                s -> List.of(matrix("dx", s.n, 2 * s.c).result(), matrix("dy", s.n, s.c), s.x()),
                (s, a) ->
                    ActivationReference.gatedBackward(
                        f, s.n, s.c, a.get("dx"), a.get("dy"), a.get("x")),
                (k, s, b) -> k.gatedBackward(f, b.matrix("dx"), b.matrix("dy"), b.matrix("x")),
                // Two factors of the slope may be large at once.
                s -> Tolerance.POINTWISE.scaled(2 * cancellation(f)))));
  }
}
