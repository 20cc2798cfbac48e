package dev.culebra.data.token;

import java.util.Arrays;

/**
 * Words as sequences of token ids, the counts of their adjacent pairs, and the joining of a pair in
 * every word that has it. Counts and the list of words of each pair are kept up to date by each
 * merge, so that a merge costs what it changes.
 */
final class MergeLearner {
  private final PairHeap pairs = new PairHeap();
  private int[] symbols = new int[1 << 16];
  private int[] starts = new int[1 << 12];
  private int[] lengths = new int[1 << 12];
  private long[] counts = new long[1 << 12];
  private int wordCount;
  private int symbolCount;

  /** For each pair the words that have it or had it; only the last entry is checked for repeats. */
  private int[][] wordsOf = new int[1 << 14][];

  private int[] wordsOfSizes = new int[1 << 14];

  /** Adds a distinct word that occurs {@code count} times. */
  void addWord(int[] word, long count) {
    if (wordCount == starts.length) {
      int capacity = Math.multiplyExact(wordCount, 2);
      starts = Arrays.copyOf(starts, capacity);
      lengths = Arrays.copyOf(lengths, capacity);
      counts = Arrays.copyOf(counts, capacity);
    }
    int end = Math.addExact(symbolCount, word.length);
    if (end > symbols.length) {
      symbols = Arrays.copyOf(symbols, Math.max(end, Math.multiplyExact(symbols.length, 2)));
    }
    System.arraycopy(word, 0, symbols, symbolCount, word.length);
    starts[wordCount] = symbolCount;
    lengths[wordCount] = word.length;
    counts[wordCount] = count;
    symbolCount = end;
    int w = wordCount++;
    for (int i = 1; i < word.length; i++) {
      change(word[i - 1], word[i], count, w);
    }
  }

  /** How often the most frequent pair occurs; 0 if there is no pair. */
  long bestCount() {
    return pairs.first() < 0 ? 0 : pairs.count(pairs.first());
  }

  /** The most frequent pair, as {@link PairMap#pair}. */
  long bestPair() {
    return pairs.pair(pairs.first());
  }

  /** Joins the most frequent pair into {@code result}, from left to right in every word. */
  void merge(int result) {
    int best = pairs.first();
    long pair = pairs.pair(best);
    pairs.removeFirst();
    int[] words = wordsOf[best];
    int size = wordsOfSizes[best];
    wordsOf[best] = null;
    wordsOfSizes[best] = 0;
    for (int i = 0; i < size; i++) {
      mergeIn(words[i], pair, result);
    }
    pairs.forget(best);
  }

  private void mergeIn(int word, long pair, int result) {
    int left = PairMap.left(pair);
    int right = PairMap.right(pair);
    int start = starts[word];
    int end = start + lengths[word];
    long count = counts[word];
    int to = start;
    int from = start;
    while (from < end) {
      if (symbols[from] != left || from + 1 == end || symbols[from + 1] != right) {
        symbols[to++] = symbols[from++];
        continue;
      }
      if (to > start) {
        change(symbols[to - 1], left, -count, word);
        change(symbols[to - 1], result, count, word);
      }
      if (from + 2 < end) {
        change(right, symbols[from + 2], -count, word);
        change(result, symbols[from + 2], count, word);
      }
      symbols[to++] = result;
      from += 2;
    }
    lengths[word] = to - start;
  }

  private void change(int left, int right, long change, int word) {
    int i = pairs.add(PairMap.pair(left, right), change);
    if (change < 0) {
      return;
    }
    if (i >= wordsOf.length) {
      int capacity = Math.multiplyExact(wordsOf.length, 2);
      wordsOf = Arrays.copyOf(wordsOf, capacity);
      wordsOfSizes = Arrays.copyOf(wordsOfSizes, capacity);
    }
    int size = wordsOfSizes[i];
    if (size > 0 && wordsOf[i][size - 1] == word) {
      return;
    }
    if (wordsOf[i] == null) {
      wordsOf[i] = new int[2];
    } else if (size == wordsOf[i].length) {
      wordsOf[i] = Arrays.copyOf(wordsOf[i], Math.multiplyExact(size, 2));
    }
    wordsOf[i][size] = word;
    wordsOfSizes[i] = size + 1;
  }
}
