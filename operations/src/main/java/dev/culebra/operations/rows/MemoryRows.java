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
import dev.culebra.operations.reference.MemoryReference;
import java.util.Arrays;
import java.util.List;

/** Rows of the table: filling, copying, scaling, checking memory. */
public final class MemoryRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS =
      List.of(fill(), copy(), axpby(), multiply(), clamp(), copyRows(), countNonFinite());

  private MemoryRows() {}

  private record Fill(int n, boolean f32, float value) {}

  private static Operation<Fill> fill() {
    List<Float> values = List.of(0f, 1f, -1.5f, 1e-3f, Float.NaN, Float.NEGATIVE_INFINITY);
    return Operation.of(
        "fill",
        draw -> Tails.lengths(draw, (n, o) -> new Fill(n, o.on(0), draw.one(values))),
        draw -> Tails.largeLengths(draw, (n, o) -> new Fill(n, o.on(0), draw.one(values))),
        Kernel.of(
            "fill",
            s -> List.of(buffer("x", s.n).f32(s.f32).result().anyLength()),
            (s, a) -> Arrays.fill(a.get("x"), s.value),
            (k, s, b) -> k.fill(b.buffer("x"), s.value),
            s -> Tolerance.EXACT));
  }

  /** Of one type, or between float32 and the compute type. */
  private record Copy(int n, boolean fromF32, boolean toF32) {}

  private static Operation<Copy> copy() {
    return Operation.of(
        "copy",
        draw -> Tails.lengths(draw, (n, o) -> new Copy(n, o.on(0), o.on(1))),
        draw -> Tails.largeLengths(draw, (n, o) -> new Copy(n, o.on(0), o.on(1))),
        Kernel.of(
            "copy",
            s -> List.of(buffer("y", s.n).f32(s.toF32).result(), buffer("x", s.n).f32(s.fromF32)),
            (s, a) -> System.arraycopy(a.get("x"), 0, a.get("y"), 0, s.n),
            (k, s, b) -> k.copy(b.buffer("y"), b.buffer("x")),
            s -> Tolerance.EXACT));
  }

  private record Axpby(int n, float a, float b) {
    static Axpby drawn(int n, Draw draw) {
      List<Float> factors = List.of(0f, 1f, -1f, 0.3f, 2.5f);
      return new Axpby(n, draw.one(factors), draw.one(factors));
    }
  }

  private static Operation<Axpby> axpby() {
    return Operation.of(
        "axpby",
        draw -> Tails.lengths(draw, (n, o) -> Axpby.drawn(n, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Axpby.drawn(n, draw)),
        Kernel.of(
            "axpby",
            s -> {
              var y = buffer("y", s.n);
              return List.of(s.b == 0 ? y.result() : y.updated(), buffer("x", s.n));
            },
            (s, v) -> MemoryReference.axpby(v.get("y"), s.a, v.get("x"), s.b),
            (k, s, b) -> k.axpby(b.buffer("y"), s.a, b.buffer("x"), s.b),
            s -> Tolerance.POINTWISE));
  }

  /**
   * A product of n values.
   *
   * @param place which factor the result lies on, or "none"
   */
  private record Product(int n, boolean accumulate, String place) {
    static Product drawn(int n, boolean accumulate, Draw draw) {
      return new Product(n, accumulate, draw.one(List.of("none", "a", "b")));
    }

    String result() {
      return place.equals("none") ? "y" : place;
    }

    Argument factor(String name) {
      Argument argument = buffer(name, n);
      return place.equals(name) ? argument.updated() : argument;
    }

    void apply(double[] y, double[] a, double[] b) {
      double[] sum = accumulate ? y.clone() : new double[n];
      MemoryReference.addProduct(sum, a, b);
      System.arraycopy(sum, 0, y, 0, n);
    }
  }

  private static Operation<Product> multiply() {
    return Operation.of(
        "multiply",
        draw -> Tails.lengths(draw, (n, o) -> Product.drawn(n, o.on(0), draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Product.drawn(n, o.on(0), draw)),
        Kernel.of(
            "multiply",
            s ->
                List.of(
                    buffer("y", s.n).result(s.accumulate).when(s.place.equals("none")),
                    s.factor("a"),
                    s.factor("b")),
            (s, v) -> s.apply(v.get(s.result()), v.get("a"), v.get("b")),
            (k, s, b) ->
                k.multiply(b.buffer(s.result()), b.buffer("a"), b.buffer("b"), s.accumulate),
            s -> Tolerance.POINTWISE));
  }

  private record Clamp(int n, boolean f32, float least, float most) {
    static Clamp drawn(int n, boolean f32, Draw draw) {
      List<Float> least = List.of(-1f, -0.25f, 0f, Float.NEGATIVE_INFINITY);
      return new Clamp(n, f32, draw.one(least), draw.one(List.of(0f, 0.5f, Float.MAX_VALUE)));
    }
  }

  private static Operation<Clamp> clamp() {
    return Operation.of(
        "clamp",
        draw -> Tails.lengths(draw, (n, o) -> Clamp.drawn(n, o.on(0), draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Clamp.drawn(n, o.on(0), draw)),
        Kernel.of(
            "clamp",
            s ->
                List.of(
                    buffer("x", s.n)
                        .f32(s.f32)
                        .updated()
                        .anyLength()
                        .from(InputGenerator.poisoned(0.1, InputGenerator.normal()))),
            (s, a) -> MemoryReference.clamp(a.get("x"), s.least, s.most),
            (k, s, b) -> k.clamp(b.buffer("x"), s.least, s.most),
            s -> Tolerance.EXACT));
  }

  private record Rows(int n, int c, boolean accumulate) {}

  private static Operation<Rows> copyRows() {
    return Operation.of(
        "copyRows",
        draw -> Tails.rows(draw, (n, c, o) -> new Rows(n, c, o.on(0))),
        draw -> Tails.largeRows(draw, (n, c, o) -> new Rows(n, c, o.on(0))),
        Kernel.of(
            "copyRows",
            s -> List.of(matrix("y", s.n, s.c).result(s.accumulate), matrix("x", s.n, s.c)),
            (s, a) -> MemoryReference.add(a.sum("y", s.accumulate), a.get("x")),
            (k, s, b) -> k.copyRows(b.matrix("y"), b.matrix("x"), s.accumulate),
            s -> s.accumulate ? Tolerance.POINTWISE : Tolerance.EXACT),
        Gradient.by(
            Kernel.of(
                "copyRows",
                s -> List.of(matrix("dx", s.n, s.c).result(s.accumulate), matrix("dy", s.n, s.c)),
                (s, a) -> MemoryReference.add(a.sum("dx", s.accumulate), a.get("dy")),
                (k, s, b) -> k.copyRows(b.matrix("dx"), b.matrix("dy"), s.accumulate),
                s -> s.accumulate ? Tolerance.POINTWISE : Tolerance.EXACT)));
  }

  private record Count(int n, double share) {}

  private static Operation<Count> countNonFinite() {
    List<Double> shares = List.of(0.0, 0.01, 0.5, 1.0);
    return Operation.of(
        "countNonFinite",
        draw -> Tails.lengths(draw, (n, o) -> new Count(n, draw.one(shares))),
        draw -> Tails.largeLengths(draw, (n, o) -> new Count(n, draw.one(shares))),
        Kernel.of(
            "countNonFinite",
            s ->
                List.of(
                    buffer("count", 1).f32().added().from(InputGenerator.constant(3)),
                    buffer("x", s.n)
                        .anyLength()
                        .from(InputGenerator.poisoned(s.share, InputGenerator.normal()))),
            (s, a) -> a.get("count")[0] += MemoryReference.countNonFinite(a.get("x")),
            (k, s, b) -> k.countNonFinite(b.buffer("count"), b.buffer("x")),
            s -> Tolerance.EXACT));
  }
}
