package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;

import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Generator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.reference.MemoryReference;
import java.util.Arrays;
import java.util.List;

/** Rows of the table: filling, copying, scaling, checking memory. */
public final class MemoryRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(fill(), copy(), axpby(), countNonFinite());

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
                    buffer("count", 1).f32().added().from(Generator.constant(3)),
                    buffer("x", s.n)
                        .anyLength()
                        .from(Generator.poisoned(s.share, Generator.normal()))),
            (s, a) -> a.get("count")[0] += MemoryReference.countNonFinite(a.get("x")),
            (k, s, b) -> k.countNonFinite(b.buffer("count"), b.buffer("x")),
            s -> Tolerance.EXACT));
  }
}
