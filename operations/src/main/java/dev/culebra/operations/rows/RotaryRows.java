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
import dev.culebra.operations.reference.AttentionReference;
import java.util.ArrayList;
import java.util.List;

/** Row of the table: rotary positions. The gradient turns back. */
public final class RotaryRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(rotary());

  private RotaryRows() {}

  /** N rows of heads of D values, at positions below P. */
  private record Shape(int n, int heads, int d, int p) {

    static Shape drawn(int n, int d, Draw draw) {
      return new Shape(n, draw.between(1, 5), d, draw.one(List.of(1, 3, 100)));
    }

    Argument positions() {
      return buffer("position", n).i32(InputGenerator.ids(p, 0, 0));
    }

    Argument table() {
      return buffer("table", p, d).f32().from(InputGenerator.turns());
    }
  }

  private static List<Shape> shapes(Draw draw) {
    List<Shape> shapes = new ArrayList<>();
    for (int d : List.of(2, 4, 6, 8, 14, 16, 18, 30, 32, 34, 62, 64, 66, 80, 128)) {
      shapes.add(Shape.drawn(draw.between(1, 9), d, draw));
    }
    shapes.add(Shape.drawn(0, 8, draw));
    return shapes;
  }

  private static List<Shape> large(Draw draw) {
    return List.of(Shape.drawn(700, 64, draw), Shape.drawn(301, 34, draw));
  }

  private static Operation<Shape> rotary() {
    return Operation.of(
        "rotary",
        RotaryRows::shapes,
        RotaryRows::large,
        turn("x", false),
        Gradient.by(turn("dx", true)));
  }

  private static Kernel<Shape> turn(String name, boolean inverse) {
    return Kernel.of(
        "rotary",
        s -> List.of(matrix(name, s.n, s.heads * s.d).updated(), s.positions(), s.table()),
        (s, a) ->
            AttentionReference.rotary(
                s.n, s.heads, s.d, a.get(name), a.get("position"), a.get("table"), inverse),
        (k, s, b) ->
            k.rotary(b.matrix(name), s.d, b.buffer("position"), b.buffer("table"), inverse),
        s -> Tolerance.POINTWISE);
  }
}
