package dev.culebra.data.token;

import java.util.List;

/** What a byte-level BPE knows. */
final class BpeVocabulary {
  private final List<String> tokens;
  private final List<Integer> specials;
  private final long[] merges;
  private final int[] results;

  /**
   * A vocabulary; the arrays are not copied.
   *
   * @param tokens the token of each id, written in {@link ByteAlphabet}; special tokens as they are
   * @param specials the ids of special tokens, ascending
   * @param merges the pairs to join, first merge first, as {@link PairMap#pair}
   * @param results the id that each merge makes
   */
  BpeVocabulary(List<String> tokens, List<Integer> specials, long[] merges, int[] results) {
    this.tokens = List.copyOf(tokens);
    this.specials = List.copyOf(specials);
    this.merges = merges;
    this.results = results;
  }

  List<String> tokens() {
    return tokens;
  }

  List<Integer> specials() {
    return specials;
  }

  long[] merges() {
    return merges;
  }

  int[] results() {
    return results;
  }
}
