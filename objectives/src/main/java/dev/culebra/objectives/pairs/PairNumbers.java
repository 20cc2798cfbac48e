package dev.culebra.objectives.pairs;

import dev.culebra.data.read.TextPair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Numbers the groups, queries and keys of pairs in the order in which they come, and knows which
 * keys belong to which query: what is known to fit is no negative.
 */
public final class PairNumbers {

  /**
   * A pair by numbers.
   *
   * @param group of pairs that are the same thing
   * @param left equal for equal queries
   * @param right equal for equal keys
   */
  public record Numbered(int group, int left, int right) {}

  private final Map<String, Integer> groups = new HashMap<>();
  private final Map<Object, Integer> lefts = new HashMap<>();
  private final Map<String, Integer> rights = new HashMap<>();
  private final List<TreeSet<Integer>> known = new ArrayList<>();

  /** What makes pairs the same thing: the data's word, or equal targets. */
  public static String group(TextPair pair) {
    return pair.group() == null ? pair.target() : pair.group();
  }

  /**
   * Numbers a pair, whose key is its target.
   *
   * @param left equal for queries of equal content
   */
  public Numbered add(Object left, TextPair pair) {
    int query = number(lefts, left);
    int key = number(rights, pair.target());
    if (query == known.size()) {
      known.add(new TreeSet<>());
    }
    known.get(query).add(key);
    return new Numbered(number(groups, group(pair)), query, key);
  }

  /** The number of a key, or {@link EncodedPair#UNKNOWN}. */
  public int right(String text) {
    return rights.getOrDefault(text, EncodedPair.UNKNOWN);
  }

  /**
   * Makes a key known to fit a query, though no pair has both.
   *
   * @param left the number of a query that was added
   * @return false if no pair has that key
   */
  public boolean fits(int left, String text) {
    int key = right(text);
    if (key == EncodedPair.UNKNOWN) {
      return false;
    }
    known.get(left).add(key);
    return true;
  }

  /** For each query's number the numbers of all its keys, ascending. */
  public int[][] known() {
    return known.stream()
        .map(keys -> keys.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }

  private static <T> int number(Map<T, Integer> numbers, T thing) {
    Integer next = numbers.size();
    Integer before = numbers.putIfAbsent(thing, next);
    return before == null ? next : before;
  }
}
