package dev.culebra.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class HostIntervalsTest {

  /** What row {@code i} may see, spelled out. */
  static boolean[] seen(HostIntervals intervals, int i) {
    boolean[] seen = new boolean[intervals.keys()];
    for (int k = intervals.starts()[i]; k < intervals.ends()[i]; k++) {
      seen[k] = true;
    }
    return seen;
  }

  @Test
  void drawsThePrefixMaskOfTheVectors() {
    JsonNode mask = Vectors.section("packing").required("prefix_lm_mask_n6_prefix3(rows=query)");
    HostIntervals intervals = new HostIntervals(6, 6);
    intervals.addPrefix(0, 6, 3);
    for (int i = 0; i < 6; i++) {
      assertThat(seen(intervals, i)).isEqualTo(Vectors.flags(mask.get(i)));
    }
  }

  /** The decoder's input is shifted right by one, so T5 counts the start token to the prefix. */
  @Test
  void drawsThePrefixOfT5() {
    JsonNode t5 = Vectors.section("packing").required("t5_prefix_decoder_only_split3_len6");
    boolean[] bidirectional =
        Vectors.flags(t5.required("decoder_causal_attention(bidirectional inputs)"));
    int split = 3;
    HostIntervals intervals = new HostIntervals(6, 6);
    intervals.addPrefix(0, 6, split + 1);
    for (int key = 0; key < 6; key++) {
      assertThat(seen(intervals, 0)[key]).isEqualTo(bidirectional[key]);
    }
  }

  @Test
  void packsDocumentsOfBothKinds() {
    HostIntervals intervals = new HostIntervals(7, 7);
    intervals.addCausal(0, 2);
    intervals.addBidirectional(2, 3);
    intervals.addEmpty();
    intervals.addCausal(6, 1);
    assertThat(intervals)
        .hasToString("Intervals[starts=[0, 0, 2, 2, 2, 5, 6], ends=[1, 2, 5, 5, 5, 5, 7]]");
    intervals.clear();
    intervals.addEmpty();
    assertThat(intervals).hasToString("Intervals[starts=[0], ends=[0]]");
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "2, 3", "3, 11", "6, 5", "4, 4", "6, 6"})
  void refusesWhatIsNotNonDecreasing(int start, int end) {
    HostIntervals intervals = new HostIntervals(4, 10);
    intervals.add(0, 1);
    intervals.add(1, 5);
    assertThatThrownBy(() -> intervals.add(start, end))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Row 2 ");
    assertThat(intervals.rows()).isEqualTo(2);
    intervals.add(5, 5);
    intervals.add(5, 6);
    assertThatThrownBy(() -> intervals.add(6, 7)).isInstanceOf(IllegalStateException.class);
  }
}
