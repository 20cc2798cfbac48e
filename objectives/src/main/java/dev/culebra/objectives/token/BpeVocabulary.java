package dev.culebra.objectives.token;

import java.util.List;

/**
 * What a byte-level BPE knows.
 *
 * @param tokens the token of each id, written in {@link ByteAlphabet}; special tokens as they are
 * @param specials the ids of special tokens, ascending
 * @param merges the pairs to join, first merge first, as {@link PairMap#pair}
 * @param results the id that each merge makes
 */
record BpeVocabulary(List<String> tokens, List<Integer> specials, long[] merges, int[] results) {}
