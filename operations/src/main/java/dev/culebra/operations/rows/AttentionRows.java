package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Argument;
import dev.culebra.operations.harness.Buffers;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.Gradient;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Kernel;
import dev.culebra.operations.harness.Operation;
import dev.culebra.operations.harness.Tolerance;
import dev.culebra.operations.harness.Values;
import dev.culebra.operations.reference.AttentionReference;
import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.AttentionOptions;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.kernel.RelativeBias;
import dev.culebra.runtime.kernel.StepValues;
import java.util.ArrayList;
import java.util.List;

/** Row of the table: attention. */
public final class AttentionRows {

  /** All of them. */
  public static final List<Operation<?>> ROWS = List.of(attention());

  private static final List<Integer> HEAD_SIZES =
      List.of(1, 3, 7, 8, 15, 16, 17, 32, 33, 64, 65, 80, 96, 128);

  /** Query heads, and key and value heads. */
  private record Heads(int heads, int kvHeads) {}

  private static final List<Heads> HEADS =
      List.of(new Heads(1, 1), new Heads(2, 1), new Heads(3, 3), new Heads(4, 2), new Heads(6, 2));

  private AttentionRows() {}

  /** A relative bias, and whether its gradient is asked for. */
  private record Bias(int radius, int offset, boolean learned) {}

  /** Dropout of probabilities. Any seed but the bits of a NaN, which a float64 would not keep. */
  private record Drop(Dropout dropout, int seed) {}

  /** A call; bias and drop may be null. */
  private record Shape(Patterns.Pattern pattern, Attention attention, Bias bias, Drop drop) {

    static Shape of(
        Patterns.Pattern pattern, Heads heads, int headSize, double scale, Bias bias, Drop drop) {
      return new Shape(
          pattern,
          new Attention(
              pattern.queries(),
              pattern.keys(),
              heads.heads,
              heads.kvHeads,
              headSize,
              (float) scale),
          bias,
          drop);
    }

    Argument queries(String name) {
      return matrix(name, pattern.queries(), attention.heads() * attention.headSize());
    }

    Argument keys(String name) {
      return matrix(name, pattern.keys(), attention.kvHeads() * attention.headSize());
    }

    Argument logSumExp() {
      return buffer("logSumExp", attention.heads(), pattern.queries()).f32();
    }

    Argument starts() {
      return buffer("start", pattern.queries()).i32(InputGenerator.values(pattern.starts()));
    }

    Argument ends() {
      return buffer("end", pattern.queries()).i32(InputGenerator.values(pattern.ends()));
    }

    Argument table(String name) {
      int distances = bias == null ? 0 : 2 * bias.radius + 1;
      return buffer(name, attention.heads() * distances).learned().when(bias != null);
    }

    Argument dbias() {
      return table("dbias").added().when(bias != null && bias.learned);
    }

    /** Without gradient, a bias is not differentiated. */
    Argument biasTable() {
      return bias != null && !bias.learned ? table("bias").constant() : table("bias");
    }

    Argument stepValues() {
      double[] values = new double[StepValues.COUNT];
      values[StepValues.SEED] = drop == null ? 0 : Float.intBitsToFloat(drop.seed);
      return buffer("stepValues", values.length)
          .f32()
          .from(InputGenerator.values(values))
          .when(drop != null);
    }

    static Intervals intervals(Buffers b) {
      return new Intervals(b.buffer("start"), b.buffer("end"));
    }

    AttentionOptions options(Buffers b) {
      return new AttentionOptions(
          bias == null ? null : new RelativeBias(b.buffer("bias"), bias.radius, bias.offset),
          drop == null ? null : drop.dropout,
          b.buffer("stepValues"));
    }

    AttentionReference.Options options(Values a) {
      return new AttentionReference.Options(
          a.get("bias"),
          bias == null ? 0 : bias.radius,
          bias == null ? 0 : bias.offset,
          drop == null ? null : drop.dropout,
          drop == null ? 0 : drop.seed);
    }

    /** Scores are sums over a head's values; results are means by weights that add up to 1. */
    Tolerance forwardTolerance() {
      return Tolerance.over(attention.headSize()).scaled(scoreSize() * kept()).ofRoundedTerms(1);
    }

    /**
     * Gradients are sums over keys or queries besides, of weights that are at most 1 and rounded;
     * those of a bias are not scaled.
     */
    Tolerance backwardTolerance() {
      double size = bias == null ? scoreSize() : Math.sqrt(attention.headSize());
      double queries = pattern.queries() * (double) attention.heads() / attention.kvHeads();
      return Tolerance.over(attention.headSize() + pattern.keys() + pattern.queries())
          .scaled(Math.max(scoreSize(), size) * kept())
          .ofRoundedTerms(1 + queries);
    }

    private double scoreSize() {
      return attention.scale() * Math.sqrt(attention.headSize());
    }

    /** What dropout multiplies probabilities by. */
    private double kept() {
      return drop == null ? 1 : drop.dropout.scale();
    }
  }

  private static Bias bias(Draw draw) {
    return draw.chance(0.6)
        ? null
        : new Bias(draw.one(List.of(0, 1, 5, 40, 200)), draw.between(-9, 9), draw.chance(0.8));
  }

  private static Drop drop(Draw draw) {
    int seed = draw.between(Integer.MIN_VALUE, Integer.MAX_VALUE - 1) & ~(1 << 30);
    return draw.chance(0.7)
        ? null
        : new Drop(new Dropout(draw.one(List.of(0f, 0.1f, 0.5f)), draw.between(0, 1000)), seed);
  }

  private static List<Shape> shapes(Draw draw) {
    List<Shape> shapes = new ArrayList<>();
    int turn = draw.between(0, HEAD_SIZES.size() - 1);
    for (int n : List.of(draw.between(1, 9), draw.between(10, 40))) {
      for (Patterns.Pattern pattern : Patterns.all(n, draw)) {
        int headSize = HEAD_SIZES.get(turn++ % HEAD_SIZES.size());
        double scale = draw.chance(0.2) ? 1 : 1 / Math.sqrt(headSize);
        shapes.add(Shape.of(pattern, draw.one(HEADS), headSize, scale, bias(draw), drop(draw)));
      }
    }
    return shapes;
  }

  private static List<Shape> large(Draw draw) {
    List<Shape> shapes = new ArrayList<>();
    for (Patterns.Pattern pattern : Patterns.all(draw.one(List.of(64, 65, 127, 200)), draw)) {
      int headSize = draw.one(List.of(16, 64, 65));
      double scale = 1 / Math.sqrt(headSize);
      shapes.add(Shape.of(pattern, draw.one(HEADS), headSize, scale, bias(draw), drop(draw)));
    }
    // More keys than are handled at once.
    for (Patterns.Pattern pattern : Patterns.all(draw.between(600, 1200), draw)) {
      shapes.add(Shape.of(pattern, new Heads(2, 1), 8, 1, bias(draw), drop(draw)));
    }
    return shapes;
  }

  private static Operation<Shape> attention() {
    return Operation.of(
        "attention",
        AttentionRows::shapes,
        AttentionRows::large,
        Kernel.of(
            "attention",
            s ->
                List.of(
                    s.queries("out").result(),
                    s.logSumExp().result(),
                    s.queries("q"),
                    s.keys("k"),
                    s.keys("v"),
                    s.starts(),
                    s.ends(),
                    s.biasTable(),
                    s.stepValues()),
            (s, a) ->
                AttentionReference.attention(
                    s.attention,
                    s.options(a),
                    a.get("out"),
                    a.get("logSumExp"),
                    a.get("q"),
                    a.get("k"),
                    a.get("v"),
                    a.get("start"),
                    a.get("end")),
            (k, s, b) ->
                k.attention(
                    s.attention,
                    b.matrix("out"),
                    b.buffer("logSumExp"),
                    b.matrix("q"),
                    b.matrix("k"),
                    b.matrix("v"),
                    Shape.intervals(b),
                    s.options(b)),
            Shape::forwardTolerance),
        Gradient.by(
            Kernel.of(
                "attentionBackward",
                s ->
                    List.of(
                        s.queries("dq").result(),
                        s.keys("dk").result(),
                        s.keys("dv").result(),
                        s.dbias(),
                        s.queries("dout"),
                        s.queries("q"),
                        s.keys("k"),
                        s.keys("v"),
                        s.queries("out"),
                        s.logSumExp(),
                        s.starts(),
                        s.ends(),
                        s.biasTable(),
                        s.stepValues()),
                (s, a) ->
                    AttentionReference.attentionBackward(
                        s.attention,
                        s.options(a),
                        a.get("dq"),
                        a.get("dk"),
                        a.get("dv"),
                        a.get("dbias"),
                        a.get("dout"),
                        a.get("q"),
                        a.get("k"),
                        a.get("v"),
                        a.get("out"),
                        a.get("logSumExp"),
                        a.get("start"),
                        a.get("end")),
                (k, s, b) ->
                    k.attentionBackward(
                        s.attention,
                        b.matrix("dq"),
                        b.matrix("dk"),
                        b.matrix("dv"),
                        b.buffer("dbias"),
                        b.matrix("dout"),
                        b.matrix("q"),
                        b.matrix("k"),
                        b.matrix("v"),
                        b.matrix("out"),
                        b.buffer("logSumExp"),
                        Shape.intervals(b),
                        s.options(b)),
                Shape::backwardTolerance)));
  }
}
