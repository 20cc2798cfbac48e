package dev.culebra.data.token;

import java.util.Arrays;

/**
 * A map from ordered pairs of token ids to ints, by open addressing with linear probing. Nothing is
 * ever removed.
 */
public final class PairMap {
  /** What {@link #get} says of a pair that is not there. */
  public static final int ABSENT = -1;

  private static final long FREE = -1L;

  private long[] keys;
  private int[] values;
  private int size;

  /** An empty map with room for about {@code expected} pairs. */
  public PairMap(int expected) {
    int capacity = Integer.highestOneBit(Math.max(8, expected)) << 2;
    keys = new long[capacity];
    values = new int[capacity];
    Arrays.fill(keys, FREE);
  }

  /** A pair as one number, ordered by left id, then right id. Ids are at least 0. */
  public static long pair(int left, int right) {
    return (long) left << 32 | right;
  }

  /** The left id of a pair. */
  public static int left(long pair) {
    return (int) (pair >>> 32);
  }

  /** The right id of a pair. */
  public static int right(long pair) {
    return (int) pair;
  }

  /** The value of a pair, or {@link #ABSENT}. */
  public int get(long pair) {
    int slot = find(pair);
    return keys[slot] == pair ? values[slot] : ABSENT;
  }

  /** Gives a pair a value (0 or more) if it has none; answers the value it had, or ABSENT. */
  public int putIfAbsent(long pair, int value) {
    int slot = find(pair);
    if (keys[slot] == pair) {
      return values[slot];
    }
    keys[slot] = pair;
    values[slot] = value;
    if (++size > keys.length >> 1) {
      grow();
    }
    return ABSENT;
  }

  /** How many pairs have a value. */
  public int size() {
    return size;
  }

  private int find(long pair) {
    int mask = keys.length - 1;
    int slot = (int) ((pair * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    while (keys[slot] != FREE && keys[slot] != pair) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    int capacity = Math.multiplyExact(oldKeys.length, 2);
    keys = new long[capacity];
    values = new int[capacity];
    Arrays.fill(keys, FREE);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != FREE) {
        int slot = find(oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }
}
