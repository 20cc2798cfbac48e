package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A line of a WordNet data file, as in {@code 02086723 05 n 03 dog 0 domestic_dog 0
 * Canis_familiaris 0 023 @ ... | a member of the genus Canis; "the dog barked"}.
 *
 * <p>Format: WordNet's manual page wndb(5WN).
 */
final class WordNet {
  /** What the lines of the licence at the head of each file start with. */
  private static final String HEADING = "  ";

  private static final String GLOSS = " | ";
  private static final String USAGE = "; \"";
  private static final int WORDS = 4;
  private static final Pattern TWO_DIGITS = Pattern.compile("[0-9a-fA-F]{2}");
  private static final Pattern MARKER = Pattern.compile("\\((a|p|ip)\\)$");

  private WordNet() {}

  /**
   * A pair for each lemma: the lemma, and the gloss without examples of usage. Their group is the
   * synset: part of speech and offset. None for a line of the heading, and for a synset whose gloss
   * is examples only.
   */
  static List<TextPair> pairs(Place where, String line) {
    if (line.startsWith(HEADING)) {
      return List.of();
    }
    int bar = line.indexOf(GLOSS);
    String[] fields = line.substring(0, Math.max(0, bar)).split(" ", -1);
    int words = fields.length > WORDS ? words(fields[WORDS - 1]) : 0;
    if (words == 0 || fields.length < WORDS + 2 * words) {
      throw new BadInputException(where + " is not a synset of WordNet");
    }
    String gloss = gloss(line.substring(bar + GLOSS.length()));
    List<TextPair> pairs = new ArrayList<>();
    if (!gloss.isEmpty()) {
      String synset = fields[2] + fields[0];
      for (int i = 0; i < words; i++) {
        String lemma = lemma(fields[WORDS + 2 * i]);
        pairs.add(PairFields.DEFAULT.pair(lemma, gloss, synset, List.of(), where));
      }
    }
    return pairs;
  }

  /** A count in two hexadecimal digits; 0 if it is none. */
  private static int words(String hex) {
    return TWO_DIGITS.matcher(hex).matches() ? Integer.parseInt(hex, 16) : 0;
  }

  /** Words are joined by underscores; an adjective may end in a marker of where it stands. */
  private static String lemma(String field) {
    return MARKER.matcher(field).replaceFirst("").replace('_', ' ');
  }

  private static String gloss(String text) {
    int usage = text.startsWith("\"") ? 0 : text.indexOf(USAGE);
    return (usage < 0 ? text : text.substring(0, usage)).strip();
  }
}
