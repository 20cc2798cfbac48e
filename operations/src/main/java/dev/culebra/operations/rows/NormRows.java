package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.harness.Values;
import dev.culebra.operations.reference.NormReference;
import dev.culebra.runtime.kernel.Norm;
import java.util.List;

/** Rows of the table: normalisation. */
public final class NormRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(norm());

  private NormRows() {}

  /**
   * N rows of width C.
   *
   * @param mean of the values that are normalised; far from 0, one-pass variances fail
   */
  private record Shape(
      int n,
      int c,
      Norm norm,
      boolean residual,
      boolean gamma,
      boolean beta,
      boolean accumulate,
      double mean) {

    static Shape drawn(int n, int c, Tails.Options options, Draw draw) {
      Norm.Kind kind = options.on(0) ? Norm.Kind.LAYER : Norm.Kind.RMS;
      // A row of one or two values may be so near 0 that no step is small enough for differences.
      float epsilon = c <= 2 ? 1e-2f : draw.one(List.of(1e-5f, 1e-6f, 1e-2f));
      Norm norm = new Norm(kind, epsilon);
      double mean = draw.one(List.of(0.0, 0.0, 0.0, 100.0));
      boolean gamma = draw.chance(0.75);
      return new Shape(n, c, norm, options.on(1), gamma, options.on(2), options.on(3), mean);
    }

    boolean rms() {
      return norm.kind() == Norm.Kind.RMS;
    }

    /** Which forward argument holds s. */
    String s() {
      return residual ? "sum" : "x";
    }
  }

  private static Operation<Shape> norm() {
    return Operation.of(
        "norm",
        draw -> Tails.rows(draw, (n, c, o) -> Shape.drawn(n, c, o, draw)),
        draw -> Tails.largeRows(draw, (n, c, o) -> Shape.drawn(n, c, o, draw)),
        Kernel.of(
            "norm",
            s ->
                List.of(
                    matrix("y", s.n, s.c).result(),
                    buffer("statistics", s.n, 2).f32().result(),
                    buffer("sum", s.n, s.c).result().when(s.residual),
                    matrix("x", s.n, s.c).from(InputGenerator.normal(s.mean, 1)),
                    buffer("residual", s.n, s.c).when(s.residual),
                    buffer("gamma", s.c).when(s.gamma),
                    buffer("beta", s.c).when(s.beta)),
            NormRows::forward,
            (k, s, b) ->
                k.norm(
                    s.norm,
                    b.matrix("y"),
                    b.buffer("statistics"),
                    b.buffer("sum"),
                    b.matrix("x"),
                    b.buffer("residual"),
                    b.buffer("gamma"),
                    b.buffer("beta")),
            NormRows::forwardTolerance),
        Gradient.by(
                Kernel.<Shape>of(
                    "normBackward",
                    s ->
                        List.of(
                            matrix("ds", s.n, s.c).result(s.accumulate),
                            buffer("dgamma", s.c).f32().added().when(s.gamma),
                            buffer("dbeta", s.c).f32().added().when(s.beta),
                            matrix("dy", s.n, s.c),
                            matrix(s.s(), s.n, s.c),
                            buffer("statistics", s.n, 2).f32(),
                            buffer("gamma", s.c).when(s.gamma)),
                    (s, a) ->
                        NormReference.addNormBackward(
                            s.rms(),
                            s.c,
                            a.sum("ds", s.accumulate),
                            a.get("dgamma"),
                            a.get("dbeta"),
                            a.get("dy"),
                            a.get(s.s()),
                            a.get("statistics"),
                            a.get("gamma")),
                    (k, s, b) ->
                        k.normBackward(
                            s.norm,
                            b.matrix("ds"),
                            b.buffer("dgamma"),
                            b.buffer("dbeta"),
                            b.matrix("dy"),
                            b.matrix(s.s()),
                            b.buffer("statistics"),
                            b.buffer("gamma"),
                            s.accumulate),
                    NormRows::backwardTolerance))
            .of("x", "ds")
            .of("residual", "ds"));
  }

  private static void forward(Shape s, Values v) {
    double[] normalised = v.get("x");
    if (s.residual) {
      for (int i = 0; i < normalised.length; i++) {
        v.get("sum")[i] = normalised[i] + v.get("residual")[i];
      }
      normalised = v.get("sum");
    }
    NormReference.norm(
        s.rms(),
        s.norm.epsilon(),
        s.c,
        v.get("y"),
        v.get("statistics"),
        normalised,
        v.get("gamma"),
        v.get("beta"));
  }

  /** Means over C values, whose errors of random direction add up to sqrt(C) of one. */
  private static Tolerance forwardTolerance(Shape s, Values v) {
    return Tolerance.over(Math.sqrt(s.c)).scaled(termSize(s, v));
  }

  /** The same, and sums over N rows. */
  private static Tolerance backwardTolerance(Shape s, Values v) {
    return Tolerance.over(Math.sqrt(s.c) + s.n).scaled(termSize(s, v));
  }

  /** A rounding of s, which is as large as its mean, is amplified by the largest 1 / root. */
  private static double termSize(Shape s, Values v) {
    double amplification = 1;
    for (int i = 0; i < s.n; i++) {
      amplification = Math.max(amplification, v.get("statistics")[2 * i + 1]);
    }
    return amplification * (1 + s.mean);
  }
}
