package dev.culebra.objectives.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How many negatives a batch counts, beside a count of its rules cell by cell. */
class PairBatchNegativesTest {
  private static final EncoderInput WORD = new EncoderInput.Words(new int[1]);

  private static PairBatch batch(List<EncodedPair> pairs, int[][] known) {
    PairBatch batch =
        new PairBatch(
            pairs.size(),
            1,
            0,
            count -> new TextBatch(count, 1, TextBatch.Attention.WHOLE),
            count -> new TextBatch(count, 1, TextBatch.Attention.WHOLE),
            known);
    batch.begin();
    pairs.forEach(batch::add);
    batch.finish();
    return batch;
  }

  private static EncodedPair pair(int group, int left, int right, Integer negative) {
    List<EncodedPair.Negative> negatives =
        negative == null ? List.of() : List.of(new EncodedPair.Negative(WORD, negative));
    return new EncodedPair(WORD, WORD, negatives, group, left, right);
  }

  private static long cells(PairBatch batch) {
    long count = 0;
    for (int i = 0; i < batch.count(); i++) {
      for (int j = 0; j < batch.keys(); j++) {
        boolean listed = false;
        for (int k = batch.rowStarts()[i]; k < batch.rowStarts()[i + 1]; k++) {
          listed |= batch.columns()[k] == j;
        }
        count += !listed && batch.leftGroups()[i] != batch.rightGroups()[j] ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void countsEveryCellThatIsNegative() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      int[][] known = new int[6][];
      for (int i = 0; i < known.length; i++) {
        known[i] = random.ints(0, 6).distinct().limit(1 + random.nextInt(3)).sorted().toArray();
      }
      List<EncodedPair> pairs = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int left = random.nextInt(6);
        int right = known[left][0];
        pairs.add(
            pair(random.nextInt(3), left, right, random.nextBoolean() ? random.nextInt(6) : null));
      }
      PairBatch batch = batch(pairs, known);
      assertThat(batch.negatives()).isEqualTo(cells(batch));
    }
  }

  @Test
  void findsNoneWhereAllFit() {
    int[][] oneSource = {{0, 1, 2}};
    List<EncodedPair> pairs =
        List.of(pair(0, 0, 0, null), pair(1, 0, 1, null), pair(2, 0, 2, null));
    assertThat(batch(pairs, oneSource).negatives()).isZero();
    List<EncodedPair> oneGroup = List.of(pair(4, 0, 0, null), pair(4, 1, 1, null));
    assertThat(batch(oneGroup, new int[][] {{0}, {1}}).negatives()).isZero();
  }
}
