package dev.culebra.data.token;

import java.util.Arrays;

/**
 * The pairs of adjacent tokens with their counts, and the pair to merge next: the one with the
 * highest count; of equal counts the one with the lowest left id; of those the lowest right id.
 *
 * <p>A binary heap that knows where each pair stands, so that a count may change at any time. Pairs
 * are numbered from 0 in order of first appearance.
 */
final class PairHeap {
  private static final int OUTSIDE = -1;

  private final PairMap index = new PairMap(1 << 14);
  private long[] pairs = new long[1 << 14];
  private long[] counts = new long[1 << 14];
  private int[] places = new int[1 << 14];
  private int[] heap = new int[1 << 14];
  private int pairCount;
  private int heapSize;

  /** Adds {@code change} to the count of a pair, which becomes known if it was not. */
  int add(long pair, long change) {
    int known = index.putIfAbsent(pair, pairCount);
    int i = known == PairMap.ABSENT ? append(pair) : known;
    counts[i] += change;
    if (places[i] == OUTSIDE) {
      if (change > 0) {
        heap[heapSize] = i;
        places[i] = heapSize++;
        rise(places[i]);
      }
    } else if (change > 0) {
      rise(places[i]);
    } else {
      sink(places[i]);
    }
    return i;
  }

  /** The number of the pair to merge next, or -1 if none is left. It stays. */
  int first() {
    return heapSize == 0 ? -1 : heap[0];
  }

  /** Takes the first pair out; its count may go on changing until {@link #forget}. */
  void removeFirst() {
    places[heap[0]] = OUTSIDE;
    heapSize--;
    if (heapSize > 0) {
      put(0, heap[heapSize]);
      sink(0);
    }
  }

  /** Sets the count of a pair that was taken out to 0: it occurs no more. */
  void forget(int i) {
    counts[i] = 0;
  }

  /** The pair of a number. */
  long pair(int i) {
    return pairs[i];
  }

  /** The count of the pair of a number. */
  long count(int i) {
    return counts[i];
  }

  private int append(long pair) {
    if (pairCount == pairs.length) {
      int capacity = Math.multiplyExact(pairCount, 2);
      pairs = Arrays.copyOf(pairs, capacity);
      counts = Arrays.copyOf(counts, capacity);
      places = Arrays.copyOf(places, capacity);
      heap = Arrays.copyOf(heap, capacity);
    }
    pairs[pairCount] = pair;
    places[pairCount] = OUTSIDE;
    return pairCount++;
  }

  private boolean before(int a, int b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : pairs[a] < pairs[b];
  }

  private void put(int place, int i) {
    heap[place] = i;
    places[i] = place;
  }

  private void rise(int from) {
    int place = from;
    int i = heap[place];
    while (place > 0 && before(i, heap[(place - 1) >> 1])) {
      put(place, heap[(place - 1) >> 1]);
      place = (place - 1) >> 1;
    }
    put(place, i);
  }

  private void sink(int from) {
    int place = from;
    int i = heap[place];
    for (int child = 2 * place + 1; child < heapSize; child = 2 * place + 1) {
      if (child + 1 < heapSize && before(heap[child + 1], heap[child])) {
        child++;
      }
      if (!before(heap[child], i)) {
        break;
      }
      put(place, heap[child]);
      place = child;
    }
    put(place, i);
  }
}
