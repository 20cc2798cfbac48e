package dev.culebra.cli;

import dev.culebra.cli.PairSample.Cell;
import dev.culebra.objectives.pairs.PairLoss;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a contrastive loss asks of all pairs of a batch.
 *
 * @param profile the loss's name
 * @param loss the loss
 * @param sample the batch
 */
record ContrastInspection(String profile, PairLoss loss, PairSample sample) {

  /**
   * A loss over a batch.
   *
   * @throws BadInputException if there is no such profile
   */
  static ContrastInspection of(String objective, String profile, PairSample sample) {
    if (!PairLoss.PROFILES.contains(profile)) {
      throw new BadInputException(
          Format.text(
              "%s has no profile '%s'; it has %s",
              objective, profile, String.join(", ", PairLoss.PROFILES)));
    }
    return new ContrastInspection(profile, PairLoss.of(profile), sample);
  }

  /** The matrix as a grid, and what is asked of it. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    Table grid = new Table(0);
    List<List<String>> matrix = matrix();
    List<String> head = IntStream.range(0, matrix.size()).mapToObj(Integer::toString).toList();
    grid.row("pair", String.join(" ", head));
    for (int row = 0; row < matrix.size(); row++) {
      grid.row(Integer.toString(row), String.join(" ", matrix.get(row)));
    }
    lines.addAll(grid.lines());
    lines.add(
        Format.text(
            "%s +, %s -, %d masked x because they fit as well",
            Format.count(sample.count(Cell.POSITIVE), "positives"),
            Format.count(sample.count(Cell.NEGATIVE), "negatives"),
            sample.count(Cell.MASKED)));
    lines.add("");
    lines.add("loss    " + asks());
    lines.add("logits  " + logits());
    return lines;
  }

  private String asks() {
    return switch (loss.form()) {
      case ONE_SIDED ->
          "one-sided: each row is asked which of its + and - is the +; columns are asked nothing";
      case SYMMETRIC ->
          "symmetric: each row is asked which of its + and - is the +, and so is each column";
      case SIGMOID -> "each pair by itself: is it a +, or a -? Neither rows nor columns compete";
    };
  }

  private String logits() {
    String scale = Format.text("cosines times %s", number(Math.exp(loss.scale())));
    if (loss.bias() != null) {
      return Format.text("%s, plus %s; both are learned from there", scale, number(loss.bias()));
    }
    return loss.least() == loss.most()
        ? scale + ", which is fixed"
        : Format.text(
            "%s, which is learned from there within %s and %s",
            scale, number(Math.exp(loss.least())), number(Math.exp(loss.most())));
  }

  /** Four digits, without noughts at the end. */
  static String number(double value) {
    return new BigDecimal(value, new MathContext(4)).stripTrailingZeros().toPlainString();
  }

  private List<List<String>> matrix() {
    int size = sample.pairs().size();
    return IntStream.range(0, size)
        .mapToObj(
            row ->
                IntStream.range(0, size)
                    .mapToObj(column -> sample.cell(row, column).sign())
                    .toList())
        .toList();
  }

  /** The same for programs. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("profile", profile);
    map.put("form", loss.form().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    map.put("asks", asks());
    map.put("scale", Math.exp(loss.scale()));
    map.put("scale_learned", loss.least() < loss.most());
    map.put("bias", loss.bias());
    map.put("matrix", matrix());
    for (Cell kind : Cell.values()) {
      map.put(kind.name().toLowerCase(Locale.ROOT), sample.count(kind));
    }
    return map;
  }
}
