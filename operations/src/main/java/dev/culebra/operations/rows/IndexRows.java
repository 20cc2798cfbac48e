package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.reference.IndexReference;
import java.util.List;

/** Rows of the table: rows by index. Small tables give duplicate indices. */
public final class IndexRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(gatherRows());

  private IndexRows() {}

  /**
   * N rows of width C out of a table of T.
   *
   * @param none share of indices -1
   */
  private record Shape(int n, int c, int t, double none, boolean accumulate) {

    static Shape drawn(int n, int c, boolean accumulate, Draw draw) {
      int t = draw.one(List.of(1, 2, 3, 17, 100));
      return new Shape(n, c, t, draw.one(List.of(0.0, 0.2, 1.0)), accumulate);
    }

    InputGenerator ids() {
      return InputGenerator.ids(t, none, -1);
    }
  }

  private static Operation<Shape> gatherRows() {
    return Operation.of(
        "gatherRows",
        draw -> Tails.rows(draw, (n, c, o) -> Shape.drawn(n, c, o.on(0), draw)),
        draw -> Tails.largeRows(draw, (n, c, o) -> Shape.drawn(n, c, o.on(0), draw)),
        Kernel.of(
            "gatherRows",
            s ->
                List.of(
                    matrix("y", s.n, s.c).result(s.accumulate),
                    matrix("table", s.t, s.c).anyRows(),
                    buffer("index", s.n).i32(s.ids())),
            (s, a) ->
                IndexReference.addRows(
                    s.c, a.sum("y", s.accumulate), a.get("table"), a.get("index")),
            (k, s, b) ->
                k.gatherRows(b.matrix("y"), b.matrix("table"), b.buffer("index"), s.accumulate),
            s -> s.accumulate ? Tolerance.POINTWISE : Tolerance.EXACT),
        Gradient.by(
            Kernel.of(
                "scatterAddRows",
                s ->
                    List.of(
                        matrix("dtable", s.t, s.c).f32().added().anyRows(),
                        matrix("dy", s.n, s.c),
                        buffer("index", s.n).i32(s.ids())),
                (s, a) ->
                    IndexReference.scatterAddRows(
                        s.c, a.get("dtable"), a.get("dy"), a.get("index")),
                (k, s, b) ->
                    k.scatterAddRows(b.matrix("dtable"), b.matrix("dy"), b.buffer("index")),
                s -> Tolerance.over(s.n))));
  }
}
