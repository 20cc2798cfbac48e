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
import dev.culebra.operations.reference.ContrastReference;
import dev.culebra.operations.reference.ContrastReference.Batch;
import dev.culebra.operations.reference.ContrastReference.Gradients;
import dev.culebra.runtime.kernel.Contrast;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Rows of the table: contrastive losses. */
public final class ContrastRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(contrast(), pairwiseSigmoid());

  private ContrastRows() {}

  /**
   * N queries and M keys of width D.
   *
   * @param symmetric of the contrastive loss
   * @param budget bytes of logits at once, often far fewer than all
   * @param rules which pairs are masked
   */
  private record Shape(int n, int m, int d, boolean symmetric, long budget, NegativeRules rules) {

    static Shape drawn(int n, int m, int d, Tails.Options options, Draw draw) {
      long budget = draw.one(List.of(1L, 1L << 10, 1L << 13, Contrast.BUDGET));
      NegativeRules rules = NegativeRules.drawn(n, m, options, draw);
      return new Shape(n, m, d, options.on(0), budget, rules);
    }

    Contrast options() {
      return new Contrast(symmetric, budget);
    }

    /** Scores are about 1, logits about e^t' of them. */
    Argument queries() {
      return matrix("q", n, d).from(InputGenerator.normal(0, 1 / Math.sqrt(Math.sqrt(d))));
    }

    Argument keys() {
      return matrix("k", m, d).from(InputGenerator.normal(0, 1 / Math.sqrt(Math.sqrt(d))));
    }

    Argument forwardKeys() {
      boolean counted = m == n || rules.groups() > 0 || rules.guide() != null;
      return counted ? keys() : keys().anyRows();
    }

    static Argument logScale() {
      return buffer("logScale", 1).learned().from(InputGenerator.normal(1, 0.5));
    }

    static Argument bias() {
      return buffer("bias", 1).learned().from(InputGenerator.normal(-1, 1));
    }

    List<Argument> forward(Argument... own) {
      return all(
          List.of(buffer("loss", n).f32().result(), queries(), forwardKeys(), logScale()),
          List.of(own),
          rules.arguments(n, m));
    }

    List<Argument> backward(Argument... own) {
      return all(
          List.of(
              buffer("loss", n).f32().result(),
              buffer("dq", n * d).result(),
              buffer("dk", m * d).result(),
              buffer("dlogScale", 1).f32().added(),
              queries(),
              keys(),
              logScale(),
              buffer("scale", 1).f32()),
          List.of(own),
          rules.arguments(n, m));
    }

    @SafeVarargs
    private static List<Argument> all(List<Argument>... lists) {
      return Stream.of(lists).flatMap(List::stream).toList();
    }

    Batch batch(Values a) {
      return new Batch(
          n, m, d, a.get("q"), a.get("k"), rules.masked(a, false), rules.masked(a, true));
    }

    static void write(Values a, Gradients gradients) {
      double scale = a.first("scale");
      for (int i = 0; i < gradients.dq().length; i++) {
        a.get("dq")[i] = scale * gradients.dq()[i];
      }
      for (int i = 0; i < gradients.dk().length; i++) {
        a.get("dk")[i] = scale * gradients.dk()[i];
      }
      a.get("dlogScale")[0] += scale * gradients.dlogScale();
    }

    /** Errors of logits are about those of sums of D terms times their size. */
    Tolerance forwardTolerance(Values a) {
      return Tolerance.over(d + m).scaled(size(a));
    }

    /**
     * Gradients are sums over queries or keys, whose weights add up to 2 at most and are rounded;
     * that of the scale, over all pairs.
     */
    Tolerance backwardTolerance(Values a) {
      return Tolerance.over(d + m + n)
          .scaled(size(a) * size(a) * Math.max(1, Math.abs(a.first("scale"))))
          .ofRoundedTerms(1 + m);
    }

    private static double size(Values a) {
      return Math.exp(a.first("logScale"));
    }
  }

  private static List<Shape> shapes(Draw draw) {
    List<Shape> shapes = new ArrayList<>();
    for (int turn = 0; turn < 32; turn++) {
      Tails.Options options = new Tails.Options(turn % 16);
      int n = draw.one(List.of(1, 2, 5, 16, 17, 31, 33));
      int m = n + (draw.chance(0.5) ? 0 : draw.between(0, 20));
      shapes.add(Shape.drawn(n, m, draw.one(List.of(1, 3, 8, 17, 33)), options, draw));
    }
    shapes.add(Shape.drawn(0, 0, 4, new Tails.Options(draw.between(0, 15)), draw));
    shapes.add(Shape.drawn(0, 5, 4, new Tails.Options(draw.between(0, 15)), draw));
    shapes.add(Shape.drawn(1, 1, 4, new Tails.Options(15), draw));
    return shapes;
  }

  private static List<Shape> large(Draw draw) {
    List<Shape> shapes = new ArrayList<>();
    for (int bits : List.of(0, 1, draw.between(2, 15), draw.between(2, 15))) {
      int n = draw.between(200, 400);
      int m = n + draw.one(List.of(0, 77));
      Tails.Options options = new Tails.Options(bits);
      NegativeRules rules = NegativeRules.drawn(n, m, options, draw);
      long budget = draw.one(List.of(60_000L, 300_000L));
      shapes.add(new Shape(n, m, 24, options.on(0), budget, rules));
    }
    return shapes;
  }

  private static Operation<Shape> contrast() {
    return Operation.of(
        "contrast",
        ContrastRows::shapes,
        ContrastRows::large,
        Kernel.of(
            "contrast",
            s -> s.forward(),
            (s, a) ->
                ContrastReference.contrast(
                    s.batch(a), s.symmetric, a.first("logScale"), a.get("loss")),
            (k, s, b) ->
                k.contrast(
                    s.options(),
                    b.buffer("loss"),
                    null,
                    null,
                    null,
                    b.matrix("q"),
                    b.matrix("k"),
                    b.buffer("logScale"),
                    s.rules.negatives(b),
                    null),
            Shape::forwardTolerance),
        Gradient.by(
                Kernel.<Shape>of(
                    "contrast",
                    s -> s.backward(),
                    (s, a) -> {
                      Batch batch = s.batch(a);
                      double logScale = a.first("logScale");
                      ContrastReference.contrast(batch, s.symmetric, logScale, a.get("loss"));
                      Shape.write(
                          a, ContrastReference.contrastGradients(batch, s.symmetric, logScale));
                    },
                    (k, s, b) ->
                        k.contrast(
                            s.options(),
                            b.buffer("loss"),
                            b.buffer("dq"),
                            b.buffer("dk"),
                            b.buffer("dlogScale"),
                            b.matrix("q"),
                            b.matrix("k"),
                            b.buffer("logScale"),
                            s.rules.negatives(b),
                            b.buffer("scale")),
                    Shape::backwardTolerance))
            .arriving("loss", values -> values.first("scale")));
  }

  private static Operation<Shape> pairwiseSigmoid() {
    return Operation.of(
        "pairwiseSigmoid",
        ContrastRows::shapes,
        ContrastRows::large,
        Kernel.of(
            "pairwiseSigmoid",
            s -> s.forward(Shape.bias()),
            (s, a) ->
                ContrastReference.sigmoid(
                    s.batch(a), a.first("logScale"), a.first("bias"), a.get("loss")),
            (k, s, b) ->
                k.pairwiseSigmoid(
                    s.budget,
                    b.buffer("loss"),
                    null,
                    null,
                    null,
                    null,
                    b.matrix("q"),
                    b.matrix("k"),
                    b.buffer("logScale"),
                    b.buffer("bias"),
                    s.rules.negatives(b),
                    null),
            Shape::forwardTolerance),
        Gradient.by(
                Kernel.<Shape>of(
                    "pairwiseSigmoid",
                    s -> s.backward(Shape.bias(), buffer("dbias", 1).f32().added()),
                    (s, a) -> {
                      Batch batch = s.batch(a);
                      double logScale = a.first("logScale");
                      double bias = a.first("bias");
                      ContrastReference.sigmoid(batch, logScale, bias, a.get("loss"));
                      Gradients gradients =
                          ContrastReference.sigmoidGradients(batch, logScale, bias);
                      Shape.write(a, gradients);
                      a.get("dbias")[0] += a.first("scale") * gradients.dbias();
                    },
                    (k, s, b) ->
                        k.pairwiseSigmoid(
                            s.budget,
                            b.buffer("loss"),
                            b.buffer("dq"),
                            b.buffer("dk"),
                            b.buffer("dlogScale"),
                            b.buffer("dbias"),
                            b.matrix("q"),
                            b.matrix("k"),
                            b.buffer("logScale"),
                            b.buffer("bias"),
                            s.rules.negatives(b),
                            b.buffer("scale")),
                    Shape::backwardTolerance))
            .arriving("loss", values -> values.first("scale")));
  }
}
