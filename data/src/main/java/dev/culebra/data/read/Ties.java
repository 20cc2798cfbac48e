package dev.culebra.data.read;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which rows of some data hang together, so that they are held out together: those of equal group,
 * equal source or equal target, and those that hang together with the same row.
 *
 * <p>Targets that are labels tie nothing, for a few of them stand beside all sources.
 */
final class Ties {

  /** Rows that a target has on average, from which on targets are labels. */
  private static final int ROWS_OF_A_LABEL = 20;

  /** So few targets are labels sooner, for too few of them could be held out. */
  private static final int FEW = 10;

  private static final int ROWS_OF_A_FEW = 5;

  /**
   * What ties a row to others.
   *
   * @param group the data's word; null if it has none
   * @param source ties to equal ones
   * @param target ties to equal ones unless it is a label; null for none
   */
  record Row(String group, String source, String target) {

    static Row of(TextPair pair) {
      return new Row(pair.group(), pair.source(), pair.target());
    }

    /** An image hangs together with those of its caption; without one, it is alone by its name. */
    static Row of(LabelledImage image) {
      // By its name rather than its path, so that a folder can move.
      String alone = image.where().file().getFileName() + ":" + image.where().number();
      return new Row(image.group(), image.caption() == null ? alone : image.caption(), null);
    }

    private String name() {
      return group == null ? source : group;
    }
  }

  private final int[] above;
  private final String[] names;
  private final int[] sizes;
  private final int labels;

  /** Ties rows. */
  Ties(List<Row> rows) {
    this.above = new int[rows.size()];
    this.names = new String[rows.size()];
    this.sizes = new int[rows.size()];
    Set<String> targets = new HashSet<>();
    rows.forEach(row -> targets.add(row.target));
    int least = targets.size() <= FEW ? ROWS_OF_A_FEW : ROWS_OF_A_LABEL;
    boolean labelled = targets.size() > 1 && rows.size() >= (long) least * targets.size();
    this.labels = labelled ? targets.size() : 0;
    for (int i = 0; i < above.length; i++) {
      above[i] = i;
    }
    Map<String, Integer> groups = new HashMap<>();
    Map<String, Integer> sources = new HashMap<>();
    Map<String, Integer> firsts = new HashMap<>();
    for (int i = 0; i < above.length; i++) {
      tie(groups, rows.get(i).group, i);
      tie(sources, rows.get(i).source, i);
      tie(firsts, labelled ? null : rows.get(i).target, i);
    }
    for (int i = 0; i < above.length; i++) {
      int top = top(i);
      String name = rows.get(i).name();
      // The least name of all its rows, so that their order does not count.
      names[top] = names[top] == null || name.compareTo(names[top]) < 0 ? name : names[top];
      sizes[top]++;
    }
  }

  private void tie(Map<String, Integer> firsts, String key, int row) {
    Integer first = key == null ? null : firsts.putIfAbsent(key, row);
    if (first != null) {
      above[top(row)] = top(first);
    }
  }

  private int top(int row) {
    int top = row;
    while (above[top] != top) {
      above[top] = above[above[top]];
      top = above[top];
    }
    return top;
  }

  /** The name of all rows that hang together with one. */
  String name(int row) {
    return names[top(row)];
  }

  /** How many rows hang together with one, itself among them. */
  int size(int row) {
    return sizes[top(row)];
  }

  /** How many groups of rows there are. */
  int groups() {
    int count = 0;
    for (int i = 0; i < above.length; i++) {
      count += above[i] == i ? 1 : 0;
    }
    return count;
  }

  /** How many targets are labels; 0 if they tie. */
  int labels() {
    return labels;
  }
}
