package dev.culebra.operations.rows;

import static dev.culebra.operations.harness.Argument.buffer;
import static dev.culebra.operations.harness.Argument.matrix;

import dev.culebra.operations.harness.Argument;
import dev.culebra.operations.harness.Buffers;
import dev.culebra.operations.harness.Draw;
import dev.culebra.operations.harness.InputGenerator;
import dev.culebra.operations.harness.Values;
import dev.culebra.operations.reference.ContrastReference.Masked;
import dev.culebra.runtime.kernel.Negatives;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.List;

/**
 * Which rules a drawn contrastive loss has, and what they mask.
 *
 * <p>Guide embeddings and margins are multiples of 1/4, so that similarities and limits are exact
 * in every type and a rounding cannot decide whether a pair is masked.
 *
 * @param groups number of groups; 0 for no such rule
 * @param guide the guide's rule; null for none
 * @param exceptions their columns, row by row; null for no such rule
 * @param spare values behind the last exception
 */
record NegativeRules(int groups, Guide guide, int[][] exceptions, int spare) {

  private static final int GUIDE_WIDTH = 3;

  private static final InputGenerator QUARTERS = (draw, i) -> draw.between(-4, 4) / 4.0;

  /** The guide's options. */
  record Guide(float margin, boolean relative) {}

  static NegativeRules drawn(int n, int m, Tails.Options options, Draw draw) {
    int groups = options.on(1) ? 1 + draw.between(0, Math.max(1, n / 2)) : 0;
    Guide guide = options.on(2) ? new Guide(draw.between(-1, 2) / 4f, draw.chance(0.5)) : null;
    int[][] exceptions = options.on(3) ? exceptions(n, m, draw) : null;
    return new NegativeRules(groups, guide, exceptions, draw.between(0, 3));
  }

  private static int[][] exceptions(int n, int m, Draw draw) {
    int[][] columns = new int[n][];
    for (int i = 0; i < n; i++) {
      int count = draw.chance(0.5) ? 0 : draw.between(0, Math.min(m, 6));
      columns[i] = new int[count];
      for (int e = 0; e < count; e++) {
        columns[i][e] = draw.between(0, m - 1);
      }
      columns[i] = Arrays.stream(columns[i]).sorted().distinct().toArray();
    }
    return columns;
  }

  List<Argument> arguments(int n, int m) {
    InputGenerator ids = InputGenerator.ids(Math.max(1, groups), 0.4, Negatives.NO_GROUP);
    boolean guided = guide != null;
    boolean listed = exceptions != null;
    return List.of(
        buffer("queryGroups", n).i32(ids).when(groups > 0),
        buffer("keyGroups", m).i32(ids).when(groups > 0),
        matrix("guideQueries", n, GUIDE_WIDTH).from(QUARTERS).constant().when(guided),
        matrix("guideKeys", m, GUIDE_WIDTH).from(QUARTERS).constant().when(guided),
        buffer("rowStart", n + 1).i32(InputGenerator.values(starts())).when(listed),
        buffer("column", columns().length)
            .i32(InputGenerator.values(columns()))
            .anyLength()
            .when(listed));
  }

  private double[] starts() {
    double[] starts = new double[exceptions == null ? 1 : exceptions.length + 1];
    for (int i = 0; i + 1 < starts.length; i++) {
      starts[i + 1] = starts[i] + exceptions[i].length;
    }
    return starts;
  }

  private double[] columns() {
    double[] listed =
        exceptions == null
            ? new double[0]
            : Arrays.stream(exceptions).flatMapToInt(Arrays::stream).asDoubleStream().toArray();
    return Arrays.copyOf(listed, listed.length + spare);
  }

  Negatives negatives(Buffers b) {
    return new Negatives(
        groups == 0 ? null : new Negatives.Groups(b.buffer("queryGroups"), b.buffer("keyGroups")),
        guide == null
            ? null
            : new Negatives.Guide(
                b.matrix("guideQueries"), b.matrix("guideKeys"), guide.margin, guide.relative),
        exceptions == null
            ? null
            : new Negatives.Exceptions(b.buffer("rowStart"), b.buffer("column")));
  }

  /** Pairs left out where queries look for keys, or, if {@code backward}, keys for queries. */
  Masked masked(Values a, boolean backward) {
    return (i, j) -> grouped(a, i, j) || excepted(i, j) || guided(a, i, j, backward ? j : i);
  }

  private boolean grouped(Values a, int i, int j) {
    return groups > 0
        && a.get("queryGroups")[i] == a.get("keyGroups")[j]
        && a.get("queryGroups")[i] != Negatives.NO_GROUP;
  }

  private boolean excepted(int i, int j) {
    return exceptions != null && Arrays.binarySearch(exceptions[i], j) >= 0;
  }

  private boolean guided(Values a, int i, int j, int own) {
    if (guide == null) {
      return false;
    }
    double positive = similarity(a, own, own);
    double margin = guide.margin * (guide.relative ? Math.abs(positive) : 1);
    return similarity(a, i, j) > positive - margin;
  }

  private static double similarity(Values a, int i, int j) {
    double sum = 0;
    for (int c = 0; c < GUIDE_WIDTH; c++) {
      sum += a.get("guideQueries")[i * GUIDE_WIDTH + c] * a.get("guideKeys")[j * GUIDE_WIDTH + c];
    }
    return sum;
  }

  @Override
  public String toString() {
    return Format.text(
        "groups=%d %s exceptions=%d",
        groups, guide, exceptions == null ? -1 : columns().length - spare);
  }
}
