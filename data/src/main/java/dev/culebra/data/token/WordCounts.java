package dev.culebra.data.token;

import java.util.Arrays;

/**
 * How often each distinct word occurred, in order of first occurrence. Words are ranges of a
 * caller's characters; a range is copied only when its word is new.
 */
final class WordCounts {
  private int[] slots = new int[1 << 14];
  private char[] pool = new char[1 << 16];
  private int[] ends = new int[1 << 12];
  private int[] hashes = new int[1 << 12];
  private long[] counts = new long[1 << 12];
  private int size;

  WordCounts() {
    Arrays.fill(slots, -1);
  }

  /** Counts one occurrence of the word {@code text[from, to)}. */
  void add(char[] text, int from, int to) {
    int hash = hash(text, from, to);
    int mask = slots.length - 1;
    int slot = hash & mask;
    while (slots[slot] >= 0) {
      int word = slots[slot];
      if (hashes[word] == hash && Arrays.equals(pool, start(word), ends[word], text, from, to)) {
        counts[word]++;
        return;
      }
      slot = (slot + 1) & mask;
    }
    slots[slot] = append(text, from, to, hash);
    if (size > slots.length >> 1) {
      rehash();
    }
  }

  /** How many distinct words there are. */
  int size() {
    return size;
  }

  /** How often word {@code i} occurred. */
  long count(int i) {
    return counts[i];
  }

  /** Word {@code i}. */
  String word(int i) {
    return new String(pool, start(i), ends[i] - start(i));
  }

  static int hash(char[] text, int from, int to) {
    int h = to - from;
    for (int i = from; i < to; i++) {
      h = h * 31 + text[i];
    }
    h *= 0x9E3779B9;
    return h ^ h >>> 15;
  }

  private int start(int word) {
    return word == 0 ? 0 : ends[word - 1];
  }

  private int append(char[] text, int from, int to, int hash) {
    int start = size == 0 ? 0 : ends[size - 1];
    int end = Math.addExact(start, to - from);
    if (end > pool.length) {
      pool = Arrays.copyOf(pool, Math.max(end, doubled(pool.length)));
    }
    System.arraycopy(text, from, pool, start, to - from);
    if (size == ends.length) {
      int capacity = doubled(size);
      ends = Arrays.copyOf(ends, capacity);
      hashes = Arrays.copyOf(hashes, capacity);
      counts = Arrays.copyOf(counts, capacity);
    }
    ends[size] = end;
    hashes[size] = hash;
    counts[size] = 1;
    return size++;
  }

  private void rehash() {
    slots = new int[Math.multiplyExact(slots.length, 2)];
    Arrays.fill(slots, -1);
    int mask = slots.length - 1;
    for (int word = 0; word < size; word++) {
      int slot = hashes[word] & mask;
      while (slots[slot] >= 0) {
        slot = (slot + 1) & mask;
      }
      slots[slot] = word;
    }
  }

  private static int doubled(int capacity) {
    return (int) Math.min(2L * capacity, Integer.MAX_VALUE - 8);
  }
}
