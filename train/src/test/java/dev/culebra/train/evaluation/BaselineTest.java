package dev.culebra.train.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.CausalOptions;
import dev.culebra.data.batch.HeldOutWindows;
import dev.culebra.data.batch.MemoryTokens;
import dev.culebra.data.token.Split;
import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.TokenView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaselineTest {
  @TempDir Path folder;

  /** 1 2 0 | 1 2 3 1 2 3 0: pairs 12 x3, 20, 23 x2, 31, 30. */
  private TokenShards small() {
    return MemoryTokens.write(folder, 5, List.of(new int[] {1, 2}, new int[] {1, 2, 3, 1, 2, 3}));
  }

  @Test
  void countsByHand() {
    try (TokenShards shards = small()) {
      PairCounts counts = new PairCounts(TokenView.all(shards), false);
      assertThat(counts.total()).isEqualTo(8);
      UnigramBaseline unigram = new UnigramBaseline(counts);
      assertThat(unigram.probability(1, 2)).isEqualTo(4.0 / 13);
      assertThat(unigram.probability(1, 4)).isEqualTo(1.0 / 13);
      BigramBaseline bigram = new BigramBaseline(counts);
      double d = 3.0 / (3 + 2 * 1);
      assertThat(bigram.discount()).isEqualTo(d);
      assertThat(bigram.probability(1, 2))
          .isEqualTo((3 - d) / 3 + d * 1 / 3 * 4 / 13, within(1e-15));
      assertThat(bigram.probability(2, 0))
          .isEqualTo((1 - d) / 3 + d * 2 / 3 * 3 / 13, within(1e-15));
      assertThat(bigram.probability(2, 4)).isEqualTo(d * 2 / 3 / 13, within(1e-15));
      assertThat(bigram.probability(4, 2)).as("never seen").isEqualTo(4.0 / 13);
      assertThat(bigram.probability(0, 1)).as("ends a document").isEqualTo(2.0 / 13);
      assertThat(new PairCounts(TokenView.all(shards), true).total()).isEqualTo(9);
    }
  }

  @Test
  void scoresTheSameRowsAsAModel() {
    try (TokenShards shards = small()) {
      TokenView view = TokenView.all(shards);
      BigramBaseline bigram = new BigramBaseline(new PairCounts(view, false));
      int[][] pairs = {{1, 2}, {2, 0}, {1, 2}, {2, 3}, {3, 1}, {1, 2}, {2, 3}, {3, 0}};
      double expected = 0;
      for (int[] pair : pairs) {
        expected -= Math.log(bigram.probability(pair[0], pair[1])) / pairs.length;
      }
      for (int context : new int[] {1, 3, 50}) {
        HeldOutWindows held = new HeldOutWindows(view, CausalOptions.packed(2, context));
        assertThat(bigram.meanLoss(held)).isEqualTo(expected, within(1e-12));
      }
    }
  }

  @Test
  void sumToOneAndPreferTheBetterModel() {
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> documents = new ArrayList<>();
    for (int d = 0; d < 40; d++) {
      int[] ids = new int[random.nextInt(20, 400)];
      for (int i = 1; i < ids.length; i++) {
        ids[i] = random.nextInt(4) == 0 ? random.nextInt(1, 30) : (ids[i - 1] * 7 + 3) % 29 + 1;
      }
      ids[0] = 1;
      documents.add(ids);
    }
    try (TokenShards shards = MemoryTokens.write(folder, 40, documents)) {
      Split split = Split.of(shards, 0.2, 1, 16);
      PairCounts counts = new PairCounts(split.train(), false);
      List<Baseline> baselines = List.of(new UnigramBaseline(counts), new BigramBaseline(counts));
      for (Baseline baseline : baselines) {
        for (int context = 0; context < 40; context++) {
          double sum = 0;
          for (int label = 0; label < 40; label++) {
            sum += baseline.probability(context, label);
          }
          assertThat(sum).isEqualTo(1, within(1e-12));
        }
      }
      HeldOutWindows held = new HeldOutWindows(split.validation(), CausalOptions.packed(4, 16));
      double unigram = baselines.get(0).meanLoss(held);
      double bigram = baselines.get(1).meanLoss(held);
      assertThat(unigram).isBetween(3.0, Math.log(40));
      assertThat(bigram).isBetween(1.0, unigram - 1);
    }
  }

  @Test
  void leavesRoomWhereNoPairOccursOnce() {
    try (TokenShards shards =
        MemoryTokens.write(folder, 5, List.of(new int[] {1, 2}, new int[] {1, 2}))) {
      BigramBaseline bigram = new BigramBaseline(new PairCounts(TokenView.all(shards), false));
      assertThat(bigram.discount()).isEqualTo(0.5);
      assertThat(bigram.probability(1, 4)).isPositive();
    }
  }
}
