package dev.culebra.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.random.Permutation;
import dev.culebra.data.token.Split;
import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.TokenView;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldOutWindowsTest {
  private static final int VOCABULARY = 100_000;

  @TempDir Path folder;

  @Test
  void scoresEveryTokenOnce() {
    List<int[]> documents =
        List.of(
            IntStream.range(1, 51).toArray(),
            IntStream.range(51, 52).toArray(),
            IntStream.range(52, 700).toArray());
    try (TokenShards shards = MemoryTokens.write(folder, VOCABULARY, documents)) {
      for (int context : new int[] {1, 7, 16, 701, 702, 5000}) {
        assertScoredOnce(TokenView.all(shards), CausalOptions.packed(3, context));
      }
      Split split = Split.of(shards, 0.3, 5, 3);
      assertThat(split.validation().ranges()).isGreaterThan(1);
      assertScoredOnce(split.validation(), CausalOptions.packed(2, 10));
      assertScoredOnce(
          split.validation(), new CausalOptions(2, 10, CausalOptions.Scope.WINDOW, true));
    }
  }

  private static void assertScoredOnce(TokenView view, CausalOptions options) {
    HeldOutWindows source = new HeldOutWindows(view, options);
    Batch batch = source.newBatch();
    int[] tokens = new int[Math.toIntExact(view.size())];
    view.copy(0, tokens, 0, tokens.length);
    int next = 0; // rows come in the order of the text
    for (long b = 0; b < source.batches(); b++) {
      source.fill(b, batch);
      assertThat(batch.rows()).isEqualTo(batch.capacity());
      int rows = Math.min(batch.capacity(), tokens.length - 1 - next);
      int labels = 0;
      for (int row = 0; row < batch.capacity(); row++) {
        if (row >= rows) {
          assertThat(batch.labels()[row]).isEqualTo(Batch.IGNORE);
          assertThat(batch.attention().starts()[row]).isEqualTo(batch.attention().ends()[row]);
          continue;
        }
        boolean jumps = view.breakAfter(next) == next + 1;
        boolean ends = tokens[next] == MemoryTokens.END && !options.labelAcrossDocuments();
        int label = jumps || ends ? Batch.IGNORE : tokens[next + 1];
        assertThat(batch.ids()[row]).isEqualTo(tokens[next]);
        assertThat(batch.labels()[row]).isEqualTo(label);
        if (label != Batch.IGNORE) {
          assertThat(batch.labelPositions()[labels++]).isEqualTo(row);
        }
        next++;
      }
      assertThat(batch.labelCount()).isEqualTo(labels);
      assertThat(IntStream.range(labels, batch.capacity()).map(i -> batch.labelPositions()[i]))
          .allMatch(position -> position == Batch.NO_POSITION);
    }
    assertThat(next).isEqualTo(tokens.length - 1);
    assertThatThrownBy(() -> source.fill(source.batches(), batch))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Property(tries = 2000)
  void permutesEverySize(
      @ForAll @IntRange(min = 1, max = 300) int size, @ForAll long key, @ForAll long other) {
    int[] order =
        IntStream.range(0, size).map(i -> Math.toIntExact(Permutation.at(size, key, i))).toArray();
    assertThat(order).containsExactlyInAnyOrder(IntStream.range(0, size).toArray());
    Assume.that(size > 30 && key != other);
    int[] another =
        IntStream.range(0, size)
            .map(i -> Math.toIntExact(Permutation.at(size, other, i)))
            .toArray();
    assertThat(another).isNotEqualTo(order);
  }

  @Test
  void permutesHugeSizesWithoutRepeats() {
    long size = (1L << 40) + 12_345;
    SplittableRandom random = new SplittableRandom(1);
    long[] places = random.longs(100_000, 0, size).distinct().toArray();
    long[] values = Arrays.stream(places).map(p -> Permutation.at(size, 99, p)).toArray();
    assertThat(Arrays.stream(values).distinct().count()).isEqualTo(places.length);
    assertThat(Arrays.stream(values)).allMatch(v -> v >= 0 && v < size);
    double mean = Arrays.stream(values).asDoubleStream().average().orElseThrow();
    assertThat(mean / size).isBetween(0.49, 0.51);
  }
}
