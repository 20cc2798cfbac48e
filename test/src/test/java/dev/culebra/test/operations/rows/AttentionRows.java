package dev.culebra.test.operations.rows;

import static dev.culebra.test.operations.harness.Argument.buffer;
import static dev.culebra.test.operations.harness.Argument.matrix;

import dev.culebra.runtime.kernel.Attention;
import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.test.operations.harness.Argument;
import dev.culebra.test.operations.harness.Buffers;
import dev.culebra.test.operations.harness.Draw;
import dev.culebra.test.operations.harness.Generator;
import dev.culebra.test.operations.harness.Gradient;
import dev.culebra.test.operations.harness.Kernel;
import dev.culebra.test.operations.harness.Operation;
import dev.culebra.test.operations.harness.Tolerance;
import dev.culebra.test.operations.reference.AttentionReference;
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

  private record Shape(Patterns.Pattern pattern, Attention attention) {

    static Shape of(Patterns.Pattern pattern, Heads heads, int headSize, double scale) {
      return new Shape(
          pattern,
          new Attention(
              pattern.queries(),
              pattern.keys(),
              heads.heads,
              heads.kvHeads,
              headSize,
              (float) scale));
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
      return buffer("start", pattern.queries()).i32(Generator.values(pattern.starts()));
    }

    Argument ends() {
      return buffer("end", pattern.queries()).i32(Generator.values(pattern.ends()));
    }

    static Intervals intervals(Buffers b) {
      return new Intervals(b.buffer("start"), b.buffer("end"));
    }

    /** Scores are sums over a head's values; results are means by weights that add up to 1. */
    Tolerance forwardTolerance() {
      return Tolerance.over(attention.headSize()).scaled(scoreSize());
    }

    /** Gradients are sums over keys or queries besides. */
    Tolerance backwardTolerance() {
      return Tolerance.over(attention.headSize() + pattern.keys() + pattern.queries())
          .scaled(scoreSize());
    }

    private double scoreSize() {
      return attention.scale() * Math.sqrt(attention.headSize());
    }
  }

  private static List<Shape> shapes(Draw draw) {
    List<Shape> shapes = new ArrayList<>();
    int turn = draw.between(0, HEAD_SIZES.size() - 1);
    for (int n : List.of(draw.between(1, 9), draw.between(10, 40))) {
      for (Patterns.Pattern pattern : Patterns.all(n, draw)) {
        int headSize = HEAD_SIZES.get(turn++ % HEAD_SIZES.size());
        double scale = draw.chance(0.2) ? 1 : 1 / Math.sqrt(headSize);
        shapes.add(Shape.of(pattern, draw.one(HEADS), headSize, scale));
      }
    }
    return shapes;
  }

  private static List<Shape> large(Draw draw) {
    List<Shape> shapes = new ArrayList<>();
    for (Patterns.Pattern pattern : Patterns.all(draw.one(List.of(64, 65, 127, 200)), draw)) {
      int headSize = draw.one(List.of(16, 64, 65));
      shapes.add(Shape.of(pattern, draw.one(HEADS), headSize, 1 / Math.sqrt(headSize)));
    }
    // More keys than are handled at once.
    for (Patterns.Pattern pattern : Patterns.all(draw.between(600, 1200), draw)) {
      shapes.add(Shape.of(pattern, new Heads(2, 1), 8, 1));
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
                    s.ends()),
            (s, a) ->
                AttentionReference.attention(
                    s.attention,
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
                    Shape.intervals(b)),
            Shape::forwardTolerance),
        Gradient.by(
            Kernel.of(
                "attentionBackward",
                s ->
                    List.of(
                        s.queries("dq").result(),
                        s.keys("dk").result(),
                        s.keys("dv").result(),
                        s.queries("dout"),
                        s.queries("q"),
                        s.keys("k"),
                        s.keys("v"),
                        s.queries("out"),
                        s.logSumExp(),
                        s.starts(),
                        s.ends()),
                (s, a) ->
                    AttentionReference.attentionBackward(
                        s.attention,
                        a.get("dq"),
                        a.get("dk"),
                        a.get("dv"),
                        a.get("dout"),
                        a.get("q"),
                        a.get("k"),
                        a.get("v"),
                        a.get("logSumExp"),
                        a.get("start"),
                        a.get("end")),
                (k, s, b) ->
                    k.attentionBackward(
                        s.attention,
                        b.matrix("dq"),
                        b.matrix("dk"),
                        b.matrix("dv"),
                        b.matrix("dout"),
                        b.matrix("q"),
                        b.matrix("k"),
                        b.matrix("v"),
                        b.matrix("out"),
                        b.buffer("logSumExp"),
                        Shape.intervals(b)),
                Shape::backwardTolerance)));
  }
}
