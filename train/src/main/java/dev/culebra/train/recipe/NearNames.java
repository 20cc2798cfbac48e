package dev.culebra.train.recipe;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which known names someone who wrote another one may have meant. */
public final class NearNames {

  private static final int MOST = 3;

  private NearNames() {}

  /**
   * What a complaint about an unknown name goes on with, such as {@code "; the nearest are a, b"}.
   *
   * @return empty if no known name is near
   */
  public static Optional<String> of(String name, Collection<String> known) {
    List<String> near = near(name, known);
    return switch (near.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of("; the nearest is " + near.getFirst());
      default -> Optional.of("; the nearest are " + String.join(", ", near));
    };
  }

  /**
   * The known names, at most three and the nearest first, that differ from {@code name} by a slip
   * of the hand: one letter in three may be wrong, or the end is missing. The last part of a dotted
   * name may stand alone.
   */
  static List<String> near(String name, Collection<String> known) {
    return known.stream()
        .filter(
            key -> isNear(name, key) || isNear(name, last(key)) || isNear(last(name), last(key)))
        .sorted(Comparator.comparingInt((String key) -> distance(name, key)).thenComparing(k -> k))
        .limit(MOST)
        .toList();
  }

  private static String last(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  private static boolean isNear(String name, String key) {
    int letters = Math.min(letters(name), letters(key));
    return begins(name, key) || slips(name, key) <= Math.max(1, letters / 3);
  }

  private static boolean begins(String name, String key) {
    return letters(name) >= 3 && key.startsWith(name);
  }

  /** The length without an option's hyphens. */
  private static int letters(String name) {
    return name.replaceFirst("^-+", "").length();
  }

  private static int distance(String name, String key) {
    return begins(name, key) ? 0 : Math.min(slips(name, key), 1 + slips(name, last(key)));
  }

  /**
   * Letters put in, left out, replaced, or exchanged with their neighbour, between two names
   * (optimal string alignment), whatever their case.
   */
  private static int slips(String a, String b) {
    int[][] table = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        table[i][j] = i == 0 ? j : j == 0 ? i : best(table, a, b, i, j);
      }
    }
    return table[a.length()][b.length()];
  }

  private static int best(int[][] table, String a, String b, int i, int j) {
    int replaced = table[i - 1][j - 1] + (same(a, i, b, j) ? 0 : 1);
    int best = Math.min(replaced, 1 + Math.min(table[i - 1][j], table[i][j - 1]));
    boolean exchanged = i > 1 && j > 1 && same(a, i, b, j - 1) && same(a, i - 1, b, j);
    return exchanged ? Math.min(best, 1 + table[i - 2][j - 2]) : best;
  }

  private static boolean same(String a, int i, String b, int j) {
    return Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1));
  }
}
