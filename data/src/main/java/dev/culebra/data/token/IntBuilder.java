package dev.culebra.data.token;

import java.util.Arrays;

/** An int array that grows. */
final class IntBuilder {
  private int[] values;
  private int size;

  IntBuilder(int expected) {
    values = new int[Math.max(8, expected)];
  }

  void add(int value) {
    if (size == values.length) {
      grow(1);
    }
    values[size++] = value;
  }

  void add(int[] more) {
    if (more.length > values.length - size) {
      grow(more.length);
    }
    System.arraycopy(more, 0, values, size, more.length);
    size += more.length;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }

  private void grow(int more) {
    int least = Math.addExact(size, more);
    values =
        Arrays.copyOf(values, (int) Math.max(least, Math.min(2L * size, Integer.MAX_VALUE - 8)));
  }
}
