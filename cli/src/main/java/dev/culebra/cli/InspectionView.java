package dev.culebra.cli;

import dev.culebra.objectives.corruption.Pattern;
import dev.culebra.objectives.corruption.Sequence;
import java.util.ArrayList;
import java.util.List;

/** Writes what an objective did to a text, for people. */
final class InspectionView {
  private static final String SEEN = "■";
  private static final String HIDDEN = "·";

  /** Beyond so many rows a grid does not fit a terminal; intervals are written instead. */
  private static final int GRID = 32;

  private final Inspection it;
  private final int width;

  /**
   * A view.
   *
   * @param width how many columns a line of running text may have
   */
  InspectionView(Inspection inspection, int width) {
    this.it = inspection;
    this.width = width;
  }

  /** One objective: a summary, the rows, the grids. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("%s: a model %s".formatted(it.objective().key(), it.objective().task()));
    lines.add(
        "profile %s, seed %d, for an %s"
            .formatted(it.profile(), it.seed(), it.architecture())
            .replace("an decoder", "a decoder"));
    lines.add("");
    add("text", "", String.join(" ", it.names(it.texts().getFirst().tokens())), lines);
    summary("", lines);
    if (it.hasEncoder()) {
      addRows("encoder", it.example().encoder(), 0, lines);
    }
    if (it.hasDecoder()) {
      addRows("decoder", it.example().decoder(), it.example().encoder().length(), lines);
    }
    return lines;
  }

  /** A few lines for a list of objectives. */
  List<String> shortLines() {
    List<String> lines = new ArrayList<>();
    lines.add("%s  (%s, %s)".formatted(it.objective().key(), it.profile(), it.architecture()));
    summary("  ", lines);
    return lines;
  }

  /** What is read and what is asked. */
  private void summary(String indent, List<String> lines) {
    add("input", indent, String.join(" ", it.names(it.input().ids())), lines);
    add(it.hasDecoder() ? "target" : "labels", indent, it.asked(), lines);
  }

  /** Running text behind a name, broken between words, further lines below the first word. */
  private void add(String name, String indent, String text, List<String> lines) {
    StringBuilder line = new StringBuilder("%s%-6s ".formatted(indent, name));
    int margin = line.length();
    for (String word : text.split(" ", -1)) {
      if (line.length() > margin && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
        line.repeat(' ', margin);
      }
      line.append(' ').append(word);
    }
    lines.add(line.toString());
  }

  private void addRows(String side, Sequence rows, int encoderRows, List<String> lines) {
    boolean grid = rows.length() + encoderRows <= GRID;
    lines.add("");
    lines.add("%s: %s".formatted(side, sees(rows.pattern())));
    if (encoderRows > 0) {
      lines.add(
          "cross attention: every row sees all %d rows of the encoder%s"
              .formatted(encoderRows, grid ? ", behind the bar" : ""));
    }
    String cross = grid && encoderRows > 0 ? "│ " : "";
    boolean pair = it.example().label() != Sequence.IGNORE;
    Table table = pair ? new Table(0, 1, 4) : new Table(0, 3);
    List<String> head = new ArrayList<>(List.of("row", "input", "label", "loss"));
    head.add(
        grid ? columns(rows.length()) + (cross + columns(encoderRows)).stripTrailing() : "sees");
    if (pair) {
      head.add(1, "text");
    }
    table.row(head.toArray(String[]::new));
    String behind = cross.isEmpty() ? "" : cross + (SEEN + " ").repeat(encoderRows);
    for (int row = 0; row < rows.length(); row++) {
      boolean scored = rows.label(row) != Sequence.IGNORE;
      List<String> cells = new ArrayList<>();
      cells.add(Integer.toString(row));
      if (pair) {
        cells.add(Integer.toString(rows.type(row)));
      }
      cells.add(it.lexicon().name(rows.id(row)));
      cells.add(scored ? it.lexicon().name(rows.label(row)) : HIDDEN);
      cells.add(scored ? "1" : "0");
      cells.add(
          grid
              ? cells(rows, row) + behind
              : "%d to %d".formatted(rows.start(row), rows.end(row) - 1));
      table.row(cells.toArray(String[]::new));
    }
    lines.addAll(table.lines());
  }

  private static String sees(Pattern pattern) {
    return switch (pattern) {
      case Pattern.Bidirectional _ -> "every row sees all rows";
      case Pattern.Prefix(int visible) when visible == 0 ->
          "a row sees itself and what is before it";
      case Pattern.Prefix(int visible) ->
          "every row sees the first %d rows, and what is before it".formatted(visible);
    };
  }

  /** Row numbers above a grid: their last digits. */
  private static String columns(int length) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < length; column++) {
      line.append(column % 10).append(' ');
    }
    return line.toString();
  }

  private static String cells(Sequence rows, int row) {
    StringBuilder line = new StringBuilder();
    for (int key = 0; key < rows.length(); key++) {
      boolean seen = key >= rows.start(row) && key < rows.end(row);
      line.append(seen ? SEEN : HIDDEN).append(' ');
    }
    return line.toString();
  }
}
