package dev.culebra.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.token.Split;
import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.TokenView;
import dev.culebra.runtime.BadInputException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CausalWindowsTest {
  private static final int VOCABULARY = 100_000;

  @TempDir Path folder;

  /** Documents of the ids 1, 2, 3, ...: an id occurs once and tells its place. */
  private TokenShards counting(int... lengths) {
    List<int[]> documents = new ArrayList<>();
    int next = 1;
    for (int length : lengths) {
      documents.add(IntStream.range(next, next + length).toArray());
      next += length;
    }
    return MemoryTokens.write(folder, VOCABULARY, documents);
  }

  private static List<Object> contents(Batch batch) {
    return List.of(
        batch.rows(),
        ints(batch.ids()),
        ints(batch.positions()),
        ints(batch.labels()),
        batch.attention().toString(),
        ints(batch.labelPositions()),
        batch.labelCount(),
        ints(Arrays.copyOf(batch.segmentStarts(), batch.segments() + 1)));
  }

  private static List<Integer> ints(int[] values) {
    return Arrays.stream(values).boxed().toList();
  }

  @Test
  void fillsTheSameBatchWheneverAsked() {
    try (TokenShards shards = counting(300, 5, 90, 200)) {
      TokenView view = TokenView.all(shards);
      CausalOptions options = CausalOptions.packed(3, 16);
      CausalWindows source = new CausalWindows(view, options, 2, 7);
      CausalWindows later = new CausalWindows(view, options, 2, 7);
      Batch batch = source.newBatch();
      Batch other = later.newBatch();
      List<List<Object>> run = new ArrayList<>();
      for (int step = 0; step < 40; step++) {
        for (int m = 0; m < 2; m++) {
          source.fill(step, m, batch);
          run.add(contents(batch));
        }
      }
      for (int step = 39; step >= 0; step--) {
        later.fill(step, 1, other);
        assertThat(contents(other)).isEqualTo(run.get(2 * step + 1));
      }
      new CausalWindows(view, options, 2, 8).fill(0, 0, other);
      assertThat(contents(other)).isNotEqualTo(run.getFirst());
    }
  }

  @Test
  void takesTheSameSamplesHoweverAStepIsDivided() {
    try (TokenShards shards = counting(500)) {
      TokenView view = TokenView.all(shards);
      CausalWindows whole = new CausalWindows(view, CausalOptions.packed(4, 16), 1, 7);
      CausalWindows halves = new CausalWindows(view, CausalOptions.packed(2, 16), 2, 7);
      Batch all = whole.newBatch();
      Batch half = halves.newBatch();
      for (int step = 0; step < 20; step++) {
        whole.fill(step, 0, all);
        for (int m = 0; m < 2; m++) {
          halves.fill(step, m, half);
          assertThat(half.ids()).isEqualTo(Arrays.copyOfRange(all.ids(), 32 * m, 32 * m + 32));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"500, 16", "129, 128", "300, 128", "40, 1", "257, 128"})
  void visitsEachWindowOncePerEpoch(int tokens, int context) {
    try (TokenShards shards = counting(tokens - 1)) {
      CausalWindows source =
          new CausalWindows(TokenView.all(shards), CausalOptions.packed(1, context), 1, 3);
      Batch batch = source.newBatch();
      int windows = Math.toIntExact(source.windowsPerEpoch());
      BitSet inputs = new BitSet();
      Set<Integer> starts = new HashSet<>();
      for (int epoch = 0; epoch < 400; epoch++) {
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < windows; i++) {
          source.fill((long) epoch * windows + i, 0, batch);
          Arrays.stream(batch.ids()).filter(id -> id > 0).forEach(inputs::set);
          assertThat(seen.add(batch.ids()[0])).isTrue();
          starts.add(batch.ids()[0]);
          for (int row = 0; row + 1 < context; row++) {
            assertThat(batch.labels()[row]).isEqualTo(batch.ids()[row + 1]);
          }
        }
        assertThat(source.epochs((long) epoch * windows)).isEqualTo(epoch);
      }
      assertThat(inputs.cardinality()).as("every token is an input at last").isEqualTo(tokens - 1);
      assertThat(starts).hasSizeGreaterThanOrEqualTo(Math.min(context, tokens - context) / 2);
    }
  }

  @Test
  void neverLooksAcrossAJump() {
    try (TokenShards shards = counting(3000 - 1)) {
      Split split = Split.of(shards, 0.2, 1, 8);
      assertThat(split.train().ranges()).isGreaterThan(4);
      for (CausalOptions.Scope scope : CausalOptions.Scope.values()) {
        CausalOptions options = new CausalOptions(4, 64, scope, true);
        CausalWindows source = new CausalWindows(split.train(), options, 1, 3);
        Batch batch = source.newBatch();
        int jumps = 0;
        for (int step = 0; step < 100; step++) {
          source.fill(step, 0, batch);
          for (int row = 0; row + 1 < batch.rows(); row++) {
            boolean sameWindow = (row + 1) % 64 != 0;
            int after = batch.ids()[row] == 3000 - 1 ? MemoryTokens.END : batch.ids()[row] + 1;
            boolean follows = batch.ids()[row + 1] == after;
            if (sameWindow && !follows) {
              jumps++;
              assertThat(batch.labels()[row]).isEqualTo(Batch.IGNORE);
              boolean restarts = batch.positions()[row + 1] == 0;
              assertThat(restarts).isEqualTo(scope == CausalOptions.Scope.DOCUMENT);
              assertThat(batch.attention().starts()[row + 1] == row + 1).isEqualTo(restarts);
            } else if (sameWindow) {
              assertThat(batch.labels()[row]).isEqualTo(after);
            } else {
              assertThat(batch.labels()[row]).isIn(after, Batch.IGNORE);
            }
          }
        }
        assertThat(jumps).isPositive();
      }
    }
  }

  @Test
  void refusesWhatCannotBe() {
    try (TokenShards shards = counting(15)) {
      TokenView view = TokenView.all(shards);
      assertThatThrownBy(() -> new CausalWindows(view, CausalOptions.packed(2, 16), 1, 0))
          .isInstanceOf(BadInputException.class)
          .hasMessage(
              "The training text has 16 tokens, fewer than one context of 16 and the next token:"
                  + " give more text or a shorter context");
      assertThatThrownBy(() -> new CausalWindows(view, CausalOptions.packed(2, 8), 0, 0))
          .isInstanceOf(BadInputException.class);
      assertThatThrownBy(() -> CausalOptions.packed(0, 8)).isInstanceOf(BadInputException.class);
      assertThatThrownBy(() -> CausalOptions.packed(1 << 20, 1 << 12))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("A batch of 1048576 sequences of 4096 tokens is impossible");
      CausalWindows source = new CausalWindows(view, CausalOptions.packed(2, 8), 2, 0);
      assertThatThrownBy(() -> source.fill(0, 2, source.newBatch()))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void allocatesNothingPerStep() {
    try (TokenShards shards = counting(5000)) {
      CausalWindows source =
          new CausalWindows(TokenView.all(shards), CausalOptions.packed(8, 128), 1, 3);
      Batch batch = source.newBatch();
      for (int step = 0; step < 2000; step++) {
        source.fill(step, 0, batch);
      }
      var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int step = 0; step < 1000; step++) {
        source.fill(step, 0, batch);
      }
      long perStep = (threads.getCurrentThreadAllocatedBytes() - before) / 1000;
      assertThat(perStep).as("bytes per step of 8 x 128 rows").isLessThan(2048);
    }
  }
}
