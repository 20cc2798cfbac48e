package dev.culebra.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Rows of text in aligned columns, two blanks apart. Columns of numbers are set to the right. */
final class Table {

  private static final Pattern LINE_ENDS = Pattern.compile("\\R+");

  private final List<List<String>> rows = new ArrayList<>();
  private final List<Integer> rightAligned;

  /** A table whose columns of these indices are set to the right. */
  Table(Integer... rightAligned) {
    this.rightAligned = List.of(rightAligned);
  }

  /** Adds a row; rows may differ in length. Line ends in a cell become blanks. */
  Table row(String... cells) {
    rows.add(Stream.of(cells).map(cell -> LINE_ENDS.matcher(cell).replaceAll(" ")).toList());
    return this;
  }

  /** The rows as lines, without blanks at their ends. */
  List<String> lines() {
    List<Integer> widths = widths();
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < row.size(); c++) {
        String blanks = " ".repeat(widths.get(c) - width(row.get(c)));
        line.append(rightAligned.contains(c) ? blanks + row.get(c) : row.get(c) + blanks);
        line.append("  ");
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private List<Integer> widths() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    List<Integer> widths = new ArrayList<>(Collections.nCopies(columns, 0));
    for (List<String> row : rows) {
      for (int c = 0; c < row.size(); c++) {
        widths.set(c, Math.max(widths.get(c), width(row.get(c))));
      }
    }
    return widths;
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  @Override
  public String toString() {
    return String.join(System.lineSeparator(), lines());
  }
}
