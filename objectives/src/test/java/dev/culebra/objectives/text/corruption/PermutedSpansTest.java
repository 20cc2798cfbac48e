package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.batch.Vectors;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.runtime.BadInputException;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Permutation language modelling against transformers. */
class PermutedSpansTest {
  private static final SpecialTokens SPECIALS =
      SpecialTokens.of(1000, Map.of(Special.BEGIN, 2, Special.END, 3, Special.MASK, 4));

  @Test
  void permutesAsTransformersDoes() {
    JsonNode vector = Vectors.section("permutation_lm_xlnet_hf");
    JsonNode draws = vector.required("draws");
    int span = draws.required("span_len").intValue();
    assertThat(draws.required("context_len").intValue()).isEqualTo(6 * span);
    Script script =
        new Script()
            .numbers(span - 1, draws.required("start_offset").intValue())
            .order(Vectors.ints(draws.required("half_perm")));
    PermutedSpans.Sample sample =
        new PermutedSpans(SPECIALS).corrupt(Samples.row(vector.required("input_ids")), script);
    script.assertUsedUp();
    JsonNode expected = vector.required("expected");
    assertThat(sample.rows().ids()).isEqualTo(Samples.row(expected.required("input_ids")));
    assertThat(sample.rows().labels()).isEqualTo(Samples.row(expected.required("labels")));
    JsonNode mask = expected.required("perm_mask(1=cannot attend)").get(0);
    for (int row = 0; row < sample.rows().length(); row++) {
      for (int key = 0; key < sample.rows().length(); key++) {
        assertThat(sample.sees(row, key)).isEqualTo(mask.get(row).get(key).intValue() == 0);
      }
    }
  }

  @Property(tries = 1000)
  void noTokenSeesWhatItPredicts(@ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int half) {
    int[] ids = Samples.counting(2 * half).tokens();
    PermutedSpans.Sample sample =
        new PermutedSpans(SPECIALS).corrupt(ids, RandomSource.of(seed, 0, 0));
    Sequence rows = sample.rows();
    assertThat(Example.encoder(rows).reassemble(ids.length)).isEqualTo(ids);
    for (int row = 0; row < rows.length(); row++) {
      boolean asked = rows.label(row) != Sequence.IGNORE;
      assertThat(sample.sees(row, row)).isEqualTo(!asked);
      for (int key = 0; key < rows.length(); key++) {
        boolean hidden = rows.label(key) != Sequence.IGNORE;
        if (!asked) {
          assertThat(sample.sees(row, key)).isEqualTo(!hidden);
        } else if (hidden && row != key) {
          assertThat(sample.sees(row, key)).isNotEqualTo(sample.sees(key, row));
        }
      }
    }
  }

  @Test
  void takesAnEvenLength() {
    for (int length : new int[] {0, 3}) {
      assertThatThrownBy(
              () -> new PermutedSpans(SPECIALS).corrupt(new int[length], RandomSource.of(1, 2, 3)))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("even number of tokens, not " + length);
    }
  }
}
