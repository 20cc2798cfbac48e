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
import dev.culebra.operations.reference.PoolingReference;
import dev.culebra.operations.rows.Patterns.Pattern;
import dev.culebra.runtime.kernel.Intervals;
import java.util.List;
import java.util.stream.Stream;

/** Rows of the table: directions of rows, means of rows. */
public final class PoolingRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(normalizeRows(), pool());

  private static final List<Double> SIZES = List.of(1.0, 100.0);
  private static final List<Double> TINY = List.of(0.0, 1e-20, 1.0);

  private PoolingRows() {}

  /**
   * N rows of width C.
   *
   * @param size of the values; 0 and 1e-20 give norms below the least, where no step is small
   *     enough for differences
   */
  private record Shape(int n, int c, double size, boolean accumulate) {

    /** Sums over C values; gradients are as large as 1 / norm. */
    Tolerance backwardTolerance(Values v) {
      double largest = 1;
      for (double inverse : v.get("inverseNorms")) {
        largest = Math.max(largest, inverse);
      }
      return Tolerance.over(Math.sqrt(c)).scaled(largest * Math.max(1, Math.sqrt(c)));
    }
  }

  private static Operation<Shape> normalizeRows() {
    return Operation.of(
        "normalizeRows",
        draw -> Tails.rows(draw, (n, c, o) -> new Shape(n, c, draw.one(SIZES), o.on(0))),
        draw ->
            TINY.stream()
                .flatMap(
                    size ->
                        Tails.largeRows(draw, (n, c, o) -> new Shape(n, c, size, o.on(0))).stream())
                .toList(),
        Kernel.of(
            "normalizeRows",
            s ->
                List.of(
                    matrix("y", s.n, s.c).result(),
                    buffer("inverseNorms", s.n).f32().result(),
                    matrix("x", s.n, s.c).from(InputGenerator.normal(0, s.size))),
            (s, a) ->
                PoolingReference.normalizeRows(s.c, a.get("y"), a.get("inverseNorms"), a.get("x")),
            (k, s, b) -> k.normalizeRows(b.matrix("y"), b.buffer("inverseNorms"), b.matrix("x")),
            s -> Tolerance.over(Math.sqrt(s.c)).relative()),
        Gradient.by(
            Kernel.<Shape>of(
                "normalizeRowsBackward",
                s ->
                    List.of(
                        matrix("dx", s.n, s.c).result(s.accumulate),
                        matrix("dy", s.n, s.c),
                        matrix("y", s.n, s.c),
                        buffer("inverseNorms", s.n).f32()),
                (s, a) ->
                    PoolingReference.addNormalizeRowsBackward(
                        s.c,
                        a.sum("dx", s.accumulate),
                        a.get("dy"),
                        a.get("y"),
                        a.get("inverseNorms")),
                (k, s, b) ->
                    k.normalizeRowsBackward(
                        b.matrix("dx"),
                        b.matrix("dy"),
                        b.matrix("y"),
                        b.buffer("inverseNorms"),
                        s.accumulate),
                Shape::backwardTolerance)));
  }

  /** Means of width C. */
  private record Means(Pattern pattern, int c, boolean accumulate) {

    Argument start() {
      return buffer("start", pattern.queries()).i32(InputGenerator.values(pattern.starts()));
    }

    Argument end() {
      return buffer("end", pattern.queries()).i32(InputGenerator.values(pattern.ends()));
    }

    /** How many intervals a row may lie in, or rows an interval may have. */
    Tolerance tolerance() {
      return Tolerance.over(Math.max(pattern.queries(), pattern.keys()));
    }
  }

  private static List<Means> small(Draw draw) {
    return Patterns.all(draw.between(2, 30), draw).stream()
        .flatMap(
            pattern ->
                Stream.of(
                    new Means(pattern, draw.one(Tails.WIDTHS), false),
                    new Means(pattern, draw.one(Tails.WIDTHS), true)))
        .toList();
  }

  private static List<Means> large(Draw draw) {
    return Patterns.all(draw.between(200, 300), draw).stream()
        .map(pattern -> new Means(pattern, draw.between(250, 400), draw.chance(0.5)))
        .toList();
  }

  private static Operation<Means> pool() {
    return Operation.of(
        "pool",
        PoolingRows::small,
        PoolingRows::large,
        Kernel.of(
            "pool",
            s ->
                List.of(
                    matrix("y", s.pattern.queries(), s.c).result(),
                    matrix("x", s.pattern.keys(), s.c).anyRows(),
                    s.start(),
                    s.end()),
            (s, a) ->
                PoolingReference.pool(s.c, a.get("y"), a.get("x"), a.get("start"), a.get("end")),
            (k, s, b) ->
                k.pool(
                    b.matrix("y"),
                    b.matrix("x"),
                    new Intervals(b.buffer("start"), b.buffer("end"))),
            Means::tolerance),
        Gradient.by(
            Kernel.of(
                "poolBackward",
                s ->
                    List.of(
                        matrix("dx", s.pattern.keys(), s.c).result(s.accumulate).anyRows(),
                        matrix("dy", s.pattern.queries(), s.c),
                        s.start(),
                        s.end()),
                (s, a) ->
                    PoolingReference.addPoolBackward(
                        s.c, a.sum("dx", s.accumulate), a.get("dy"), a.get("start"), a.get("end")),
                (k, s, b) ->
                    k.poolBackward(
                        b.matrix("dx"),
                        b.matrix("dy"),
                        new Intervals(b.buffer("start"), b.buffer("end")),
                        s.accumulate),
                Means::tolerance)));
  }
}
