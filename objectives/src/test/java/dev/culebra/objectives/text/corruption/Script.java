package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** Draws that were written down: those of a published example. */
final class Script implements RandomSource {
  private final Deque<Double> units = new ArrayDeque<>();
  private final Deque<Integer> numbers = new ArrayDeque<>();
  private final Deque<int[]> orders = new ArrayDeque<>();
  private final Deque<Integer> picks = new ArrayDeque<>();

  Script units(double... more) {
    Arrays.stream(more).forEach(units::add);
    return this;
  }

  Script numbers(int... more) {
    Arrays.stream(more).forEach(numbers::add);
    return this;
  }

  Script order(int... order) {
    orders.add(order);
    return this;
  }

  /** Lets the slots that are set come first in a random order. */
  Script slots(boolean[] set) {
    int[] order = new int[set.length];
    int at = 0;
    for (boolean first : new boolean[] {true, false}) {
      for (int i = 0; i < set.length; i++) {
        if (set[i] == first) {
          order[at++] = i;
        }
      }
    }
    return order(order);
  }

  Script picks(int... more) {
    Arrays.stream(more).forEach(picks::add);
    return this;
  }

  @Override
  public double unit() {
    return units.remove();
  }

  @Override
  public int below(int bound) {
    int number = numbers.remove();
    assertThat(number).isBetween(0, bound - 1);
    return number;
  }

  @Override
  public int[] distinct(int size, int count) {
    int[] order = orders.remove();
    assertThat(order).hasSize(size);
    return Arrays.copyOf(order, count);
  }

  @Override
  public int pick(Probabilities weights) {
    int pick = picks.remove();
    assertThat(pick).isBetween(0, weights.size() - 1);
    return pick;
  }

  /** Nothing was written down that was not drawn. */
  void assertUsedUp() {
    assertThat(units).isEmpty();
    assertThat(numbers).isEmpty();
    assertThat(orders).isEmpty();
    assertThat(picks).isEmpty();
  }
}
