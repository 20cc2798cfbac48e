package dev.culebra.cli;

import dev.culebra.objectives.text.corruption.Pattern;
import dev.culebra.objectives.text.corruption.Sequence;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.List;

/** Writes what an objective did to a text, for people. */
final class InspectionView {
  private static final String SEEN = "■";
  private static final String HIDDEN = "·";

  /** Beyond so many rows a grid does not fit a terminal; intervals are written instead. */
  private static final int GRID = 32;

  private final List<Inspection> packed;
  private final Inspection it;
  private final int width;

  /**
   * A view of one sample.
   *
   * @param width how many columns a line of running text may have
   */
  InspectionView(Inspection inspection, int width) {
    this(List.of(inspection), width);
  }

  /**
   * A view of samples of one objective that lie behind one another in a batch.
   *
   * @param width how many columns a line of running text may have
   */
  InspectionView(List<Inspection> packed, int width) {
    this.packed = packed;
    this.it = packed.getFirst();
    this.width = width;
  }

  /** One objective: a summary, the rows, the grids. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(Format.text("%s: a model %s", it.objective().key(), it.objective().task()));
    lines.add(
        Format.text("profile %s, seed %d, for an %s", it.profile(), it.seed(), it.architecture())
            .replace("an decoder", "a decoder"));
    for (Inspection sample : packed) {
      lines.add("");
      add("text", "", String.join(" ", sample.names(sample.texts().getFirst().tokens())), lines);
      summary(sample, "", lines);
    }
    List<Sequence> encoders = packed.stream().map(sample -> sample.example().encoder()).toList();
    List<Sequence> decoders = packed.stream().map(sample -> sample.example().decoder()).toList();
    if (it.hasEncoder()) {
      addRows("encoder", encoders, List.of(), lines);
    }
    if (it.hasDecoder()) {
      addRows("decoder", decoders, it.hasEncoder() ? encoders : List.of(), lines);
    }
    if (it.objective() == TextObjective.ELECTRA) {
      packed.forEach(sample -> addReplaced(sample, lines));
    }
    return lines;
  }

  /** A few lines for a list of objectives. */
  List<String> shortLines() {
    List<String> lines = new ArrayList<>();
    lines.add(Format.text("%s  (%s, %s)", it.objective().key(), it.profile(), it.architecture()));
    summary(it, "  ", lines);
    return lines;
  }

  /** What is read and what is asked. */
  private void summary(Inspection of, String indent, List<String> lines) {
    add("input", indent, String.join(" ", of.names(of.input().ids())), lines);
    add(of.hasDecoder() ? "target" : "labels", indent, of.asked(), lines);
    if (of.objective() == TextObjective.SOP) {
      Inspection.Order other = of.otherOrder();
      add("or", indent, String.join(" ", other.input()), lines);
      add("labels", indent, other.answer(), lines);
    }
  }

  /** Running text behind a name, broken between words, further lines below the first word. */
  private void add(String name, String indent, String text, List<String> lines) {
    StringBuilder line = new StringBuilder(Format.text("%s%-6s ", indent, name));
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

  private void addRows(
      String side, List<Sequence> samples, List<Sequence> memory, List<String> lines) {
    int rows = rows(samples);
    int memoryRows = rows(memory);
    boolean grid = rows + memoryRows <= GRID;
    boolean several = samples.size() > 1;
    lines.add("");
    lines.add(
        Format.text(
            "%s: %s%s",
            side, several ? "in its own text, " : "", sees(samples.getFirst().pattern(), several)));
    if (memoryRows > 0) {
      lines.add(
          Format.text(
              "cross attention: every row sees %s%s",
              several
                  ? "the encoder's rows of its own text"
                  : Format.text("all %s of the encoder", Format.count(memoryRows, "rows")),
              grid ? ", behind the bar" : ""));
    }
    boolean pair = it.example().label() != Sequence.IGNORE;
    Table table = pair || several ? new Table(0, 1, 4) : new Table(0, 3);
    List<String> head = new ArrayList<>(List.of("row", "input", "label", "loss"));
    head.add(grid ? columns(rows) + bar(columns(memoryRows)).stripTrailing() : "sees");
    if (pair || several) {
      head.add(1, "text");
    }
    table.row(head.toArray(String[]::new));
    int from = 0;
    int memoryFrom = 0;
    for (int i = 0; i < samples.size(); i++) {
      Sequence sample = samples.get(i);
      int read = memory.isEmpty() ? 0 : memory.get(i).length();
      String behind = bar(cells(memoryFrom, memoryFrom + read, memoryRows));
      for (int row = 0; row < sample.length(); row++) {
        boolean scored = sample.label(row) != Sequence.IGNORE;
        List<String> cells = new ArrayList<>();
        cells.add(Integer.toString(from + row));
        if (pair || several) {
          cells.add(Integer.toString(several ? i : sample.type(row)));
        }
        cells.add(it.lexicon().name(sample.id(row)));
        cells.add(scored ? it.lexicon().name(sample.label(row)) : HIDDEN);
        cells.add(scored ? "1" : "0");
        int start = from + sample.start(row);
        int end = from + sample.end(row);
        cells.add(
            grid ? cells(start, end, rows) + behind : Format.text("%d to %d", start, end - 1));
        table.row(cells.toArray(String[]::new));
      }
      from += sample.length();
      memoryFrom += read;
    }
    lines.addAll(table.lines());
  }

  /** The second half of ELECTRA's task. */
  private static void addReplaced(Inspection sample, List<String> lines) {
    ReplacedTokenView replaced = sample.replaced();
    lines.add("");
    lines.add(
        "discriminator: asked of every row whether its token was replaced; words of the text stand"
            + " for the generator's");
    Table table = new Table(0).row("row", "input", "label");
    for (int row = 0; row < replaced.ids().length; row++) {
      table.row(
          Integer.toString(row),
          sample.lexicon().name(replaced.ids()[row]),
          replaced.labels()[row] == 1 ? "1 (replaced)" : "0");
    }
    lines.addAll(table.lines());
  }

  private static int rows(List<Sequence> samples) {
    return samples.stream().mapToInt(Sequence::length).sum();
  }

  private static String bar(String cells) {
    return cells.isEmpty() ? "" : "│ " + cells;
  }

  private static String sees(Pattern pattern, boolean several) {
    return switch (pattern) {
      case Pattern.Bidirectional _ -> "every row sees all rows";
      case Pattern.Prefix(int visible) when visible == 0 ->
          "a row sees itself and what is before it";
      case Pattern.Prefix(int visible) ->
          Format.text(
              "every row sees the first %srows, and what is before it",
              several ? "" : visible + " ");
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

  /** A line of a grid, of which the columns from {@code start} until {@code end} are seen. */
  private static String cells(int start, int end, int columns) {
    StringBuilder line = new StringBuilder();
    for (int key = 0; key < columns; key++) {
      line.append(key >= start && key < end ? SEEN : HIDDEN).append(' ');
    }
    return line.toString();
  }
}
