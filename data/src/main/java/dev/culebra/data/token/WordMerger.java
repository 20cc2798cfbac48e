package dev.culebra.data.token;

import java.util.Arrays;

/**
 * Applies merges to one word: again and again the adjacent pair with the earliest merge, leftmost
 * first, is joined. A linked list of symbols and a heap of candidate joints keep this at O(n log
 * n), so a word may be as long as a file. Scratch arrays are reused; one thread at a time.
 */
final class WordMerger {
  private final PairMap merges;
  private final int[] results;
  private int[] symbols = new int[64];
  private int[] next = new int[64];
  private int[] previous = new int[64];

  /** Candidate joints as {@code merge << 32 | place}: a binary heap, least first. */
  private long[] heap = new long[64];

  private int heapSize;

  /**
   * @param merges the place of each pair in the list of merges
   * @param results the id that each merge makes
   */
  WordMerger(PairMap merges, int[] results) {
    this.merges = merges;
    this.results = results;
  }

  /** The ids of a word. */
  int[] merge(byte[] word, int[] byteIds) {
    int length = word.length;
    reserve(length);
    for (int i = 0; i < length; i++) {
      symbols[i] = byteIds[Byte.toUnsignedInt(word[i])];
      previous[i] = i - 1;
      next[i] = i + 1 == length ? -1 : i + 1;
    }
    for (int i = 0; i + 1 < length; i++) {
      consider(i);
    }
    int count = length;
    while (heapSize > 0) {
      long candidate = pop();
      int place = (int) candidate;
      int merge = (int) (candidate >>> 32);
      if (mergeAt(place) != merge) {
        continue; // one of its two symbols was joined with another meanwhile
      }
      join(place, results[merge]);
      count--;
    }
    int[] ids = new int[count];
    for (int i = 0, place = 0; i < count; i++, place = next[place]) {
      ids[i] = symbols[place];
    }
    return ids;
  }

  private void join(int place, int result) {
    int gone = next[place];
    symbols[place] = result;
    symbols[gone] = -1;
    next[place] = next[gone];
    if (next[place] >= 0) {
      previous[next[place]] = place;
      consider(place);
    }
    if (previous[place] >= 0) {
      consider(previous[place]);
    }
  }

  /** Which merge would join the symbol at a place with the next one, or {@link PairMap#ABSENT}. */
  private int mergeAt(int place) {
    return symbols[place] < 0 || next[place] < 0
        ? PairMap.ABSENT
        : merges.get(PairMap.pair(symbols[place], symbols[next[place]]));
  }

  private void consider(int place) {
    int merge = mergeAt(place);
    if (merge != PairMap.ABSENT) {
      push((long) merge << 32 | place);
    }
  }

  private void reserve(int length) {
    heapSize = 0;
    if (length > symbols.length) {
      int capacity = Math.max(length, (int) Math.min(2L * symbols.length, Integer.MAX_VALUE - 8));
      symbols = new int[capacity];
      next = new int[capacity];
      previous = new int[capacity];
    }
  }

  private void push(long candidate) {
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, Math.multiplyExact(heapSize, 2));
    }
    int i = heapSize++;
    while (i > 0 && heap[(i - 1) >> 1] > candidate) {
      heap[i] = heap[(i - 1) >> 1];
      i = (i - 1) >> 1;
    }
    heap[i] = candidate;
  }

  private long pop() {
    long least = heap[0];
    long last = heap[--heapSize];
    int i = 0;
    for (int child = 1; child < heapSize; child = 2 * i + 1) {
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= last) {
        break;
      }
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return least;
  }
}
