package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;

import dev.culebra.operations.harness.Argument;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.reference.OptimizerReference;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.StepValues;
import java.util.List;

/**
 * Rows of the table: clipping and optimisers. A gradient's scale of NaN must leave every bit as it
 * was: those cases are held to exact results.
 */
public final class OptimizerRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS =
      List.of(globalNorm(), adamW(), muonMomentum(), normalize(), muonUpdate(), average());

  private static final List<Double> SCALES = List.of(1.0, 0.25, Double.NaN);

  private OptimizerRows() {}

  /** A step's values with the given scale of the gradient. */
  private static Argument stepValues(double scale) {
    double[] values = new double[StepValues.COUNT];
    values[StepValues.LEARNING_RATE] = 0.02;
    values[StepValues.BIAS_CORRECTION_1] = 0.19;
    values[StepValues.BIAS_CORRECTION_2] = 0.002;
    values[StepValues.LOSS_SCALE] = 0.01;
    values[StepValues.GRADIENT_NORM] = 3;
    values[StepValues.GRADIENT_SCALE] = scale;
    values[StepValues.LOSS] = 5;
    return buffer("stepValues", StepValues.COUNT).f32().from(InputGenerator.values(values));
  }

  private static Tolerance pointwiseUnlessNaN(double scale) {
    return Double.isNaN(scale) ? Tolerance.EXACT : Tolerance.POINTWISE;
  }

  private record Clipping(int n, float maxNorm, double poison) {
    static Clipping drawn(int n, double poison, Draw draw) {
      return new Clipping(n, draw.one(List.of(0.5f, 1f, 1e6f, Float.POSITIVE_INFINITY)), poison);
    }
  }

  private static Operation<Clipping> globalNorm() {
    return Operation.of(
        "globalNorm",
        draw -> Tails.lengths(draw, (n, o) -> Clipping.drawn(n, o.on(0) ? 0.1 : 0, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Clipping.drawn(n, 0, draw)),
        Kernel.of(
            "globalNorm",
            s ->
                List.of(
                    stepValues(1).updated(),
                    buffer("gradient", s.n)
                        .f32()
                        .anyLength()
                        .from(InputGenerator.poisoned(s.poison, InputGenerator.normal()))),
            (s, a) ->
                OptimizerReference.globalNorm(a.get("stepValues"), a.get("gradient"), s.maxNorm),
            (k, s, b) -> k.globalNorm(b.buffer("stepValues"), b.buffer("gradient"), s.maxNorm),
            s -> Tolerance.over(s.n).relative()));
  }

  /**
   * One AdamW step over n parameters.
   *
   * @param fresh whether the moments are still zero, as in the first step
   */
  private record Adam(int n, int decayed, double scale, boolean fresh) {

    static final AdamW OPTIONS = new AdamW(0.9f, 0.999f, 1e-8f, 0.1f);

    static Adam drawn(int n, Tails.Options options, Draw draw) {
      int decayed = draw.one(List.of(0, n, draw.between(0, n)));
      return new Adam(n, decayed, draw.one(SCALES), options.on(0));
    }
  }

  private static Operation<Adam> adamW() {
    return Operation.of(
        "adamW",
        draw -> Tails.lengths(draw, (n, o) -> Adam.drawn(n, o, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Adam.drawn(n, o, draw)),
        Kernel.of(
            "adamW",
            s -> {
              InputGenerator zero = InputGenerator.constant(0);
              return List.of(
                  buffer("weights", s.n).f32().updated(),
                  buffer("computeWeights", s.n).belowF32().updated(),
                  buffer("gradient", s.n).f32(),
                  buffer("m", s.n).f32().updated().from(s.fresh ? zero : InputGenerator.normal()),
                  buffer("v", s.n).f32().updated().from(s.fresh ? zero : InputGenerator.squares()),
                  stepValues(s.scale));
            },
            (s, a) -> {
              OptimizerReference.adamW(
                  Adam.OPTIONS,
                  a.get("weights"),
                  a.get("gradient"),
                  a.get("m"),
                  a.get("v"),
                  s.decayed,
                  a.get("stepValues"));
              copyUnlessNaN(s.scale, a.get("computeWeights"), a.get("weights"));
            },
            (k, s, b) ->
                k.adamW(
                    Adam.OPTIONS,
                    b.buffer("weights"),
                    b.buffer("computeWeights"),
                    b.buffer("gradient"),
                    b.buffer("m"),
                    b.buffer("v"),
                    s.decayed,
                    b.buffer("stepValues")),
            s -> pointwiseUnlessNaN(s.scale)));
  }

  private static void copyUnlessNaN(double scale, double[] computeWeights, double[] weights) {
    if (!Double.isNaN(scale)) {
      System.arraycopy(weights, 0, computeWeights, 0, weights.length);
    }
  }

  private record Muon(int n, float factor, double scale) {
    static Muon drawn(int n, Draw draw) {
      return new Muon(n, draw.one(List.of(0f, 0.2f, 0.95f)), draw.one(SCALES));
    }
  }

  private static Operation<Muon> muonMomentum() {
    return Operation.of(
        "muonMomentum",
        draw -> Tails.lengths(draw, (n, o) -> Muon.drawn(n, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Muon.drawn(n, draw)),
        Kernel.of(
            "muonMomentum",
            s -> {
              Argument update = buffer("update", s.n).f32();
              return List.of(
                  Double.isNaN(s.scale) ? update.updated() : update.result(),
                  buffer("m", s.n).f32().updated(),
                  buffer("gradient", s.n).f32(),
                  stepValues(s.scale));
            },
            (s, a) ->
                OptimizerReference.muonMomentum(
                    a.get("update"), a.get("m"), a.get("gradient"), s.factor, a.get("stepValues")),
            (k, s, b) ->
                k.muonMomentum(
                    b.buffer("update"),
                    b.buffer("m"),
                    b.buffer("gradient"),
                    s.factor,
                    b.buffer("stepValues")),
            s -> pointwiseUnlessNaN(s.scale)));
  }

  private static Operation<Muon> muonUpdate() {
    float decay = 0.1f;
    return Operation.of(
        "muonUpdate",
        draw -> Tails.lengths(draw, (n, o) -> Muon.drawn(n, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Muon.drawn(n, draw)),
        Kernel.of(
            "muonUpdate",
            s ->
                List.of(
                    buffer("weights", s.n).f32().updated(),
                    buffer("computeWeights", s.n).belowF32().updated(),
                    buffer("update", s.n).f32(),
                    stepValues(s.scale)),
            (s, a) -> {
              OptimizerReference.muonUpdate(
                  a.get("weights"), a.get("update"), s.factor, decay, a.get("stepValues"));
              copyUnlessNaN(s.scale, a.get("computeWeights"), a.get("weights"));
            },
            (k, s, b) ->
                k.muonUpdate(
                    b.buffer("weights"),
                    b.buffer("computeWeights"),
                    b.buffer("update"),
                    s.factor,
                    decay,
                    b.buffer("stepValues")),
            s -> pointwiseUnlessNaN(s.scale)));
  }

  /** A vector of values of some size, 0 among them. */
  private record Vector(int n, double size, boolean inPlace) {
    static Vector drawn(int n, Tails.Options options, Draw draw) {
      return new Vector(n, draw.one(List.of(0.0, 1e-3, 1.0, 100.0)), options.on(0));
    }
  }

  private static Operation<Vector> normalize() {
    return Operation.of(
        "normalize",
        draw -> Tails.lengths(draw, (n, o) -> Vector.drawn(n, o, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Vector.drawn(n, o, draw)),
        Kernel.of(
            "normalize",
            s -> {
              Argument x = buffer("x", s.n).f32().from(InputGenerator.normal(0, s.size));
              return List.of(
                  buffer("y", s.n).f32().result().when(!s.inPlace),
                  s.inPlace ? x.updated().anyLength() : x);
            },
            (s, a) -> OptimizerReference.normalize(s.inPlace ? a.get("x") : a.get("y"), a.get("x")),
            (k, s, b) -> k.normalize(s.inPlace ? b.buffer("x") : b.buffer("y"), b.buffer("x")),
            s -> Tolerance.over(s.n).relative()));
  }

  private record Average(int n, float decay, double scale) {
    static Average drawn(int n, Draw draw) {
      return new Average(n, draw.one(List.of(0f, 0.5f, 0.9999f, 1f)), draw.one(SCALES));
    }
  }

  private static Operation<Average> average() {
    return Operation.of(
        "average",
        draw -> Tails.lengths(draw, (n, o) -> Average.drawn(n, draw)),
        draw -> Tails.largeLengths(draw, (n, o) -> Average.drawn(n, draw)),
        Kernel.of(
            "average",
            s ->
                List.of(
                    buffer("average", s.n).f32().updated(),
                    buffer("x", s.n).f32(),
                    stepValues(s.scale)),
            (s, a) ->
                OptimizerReference.average(
                    a.get("average"), a.get("x"), s.decay, a.get("stepValues")),
            (k, s, b) ->
                k.average(b.buffer("average"), b.buffer("x"), s.decay, b.buffer("stepValues")),
            s -> pointwiseUnlessNaN(s.scale)));
  }
}
