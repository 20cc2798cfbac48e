package dev.culebra.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BlendedTest {
  private static final List<Integer> NEW = IntStream.range(0, 7).boxed().toList();
  private static final List<Integer> OLD = IntStream.range(100, 103).boxed().toList();

  private static List<Integer> drawn(Blended<Integer> blended, long seed, long from, long to) {
    LongFunction<Integer> order = blended.order(seed);
    return LongStream.range(from, to).mapToObj(order).toList();
  }

  @Test
  void goesThroughOneSourceInANewOrderEachTime() {
    Blended<Integer> one = Blended.of(NEW);
    List<Integer> first = drawn(one, 5, 0, 7);
    List<Integer> second = drawn(one, 5, 7, 14);
    assertThat(first).containsExactlyInAnyOrderElementsOf(NEW);
    assertThat(second).containsExactlyInAnyOrderElementsOf(NEW).isNotEqualTo(first);
    assertThat(drawn(one, 6, 0, 7)).isNotEqualTo(first);
  }

  @Test
  void keepsProportionsAndGoesThroughEachSource() {
    Blended<Integer> two = new Blended<>(List.of(NEW, OLD), 3, 1);
    assertThat(two.size()).isEqualTo(10);
    List<Integer> all = drawn(two, 5, 0, 28 * 4);
    for (int n = 1; n <= all.size(); n++) {
      long old = all.subList(0, n).stream().filter(row -> row >= 100).count();
      assertThat(Math.abs(old - n / 4.0)).as("after %d", n).isLessThanOrEqualTo(1);
    }
    assertThat(all.stream().filter(row -> row < 100).limit(7))
        .containsExactlyInAnyOrderElementsOf(NEW);
    assertThat(all.stream().filter(row -> row >= 100).limit(3))
        .containsExactlyInAnyOrderElementsOf(OLD);
  }

  @Test
  void drawsTheSameFromAnyNumberOn() {
    Blended<Integer> two = new Blended<>(List.of(NEW, OLD), 0.7, 0.3);
    assertThat(drawn(two, 5, 31, 60)).isEqualTo(drawn(two, 5, 0, 60).subList(31, 60));
  }

  @Test
  void refusesEmptySources() {
    assertThatThrownBy(() -> new Blended<>(List.of(NEW, List.of()), 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
