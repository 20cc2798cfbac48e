package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.batch.Vectors;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Masked tokens against transformers, google-research/bert, ModernBERT, fairseq and ELECTRA. */
class MaskingVectorsTest {

  private static Framed framed(int[] ids, SpecialTokens specials, BitSet words) {
    Sequence.Builder rows = new Sequence.Builder(ids.length);
    for (int row = 0; row < ids.length; row++) {
      rows.add(ids[row], specials.isSpecial(ids[row]) ? Sequence.NOWHERE : row);
    }
    return new Framed(rows.build(Pattern.BIDIRECTIONAL), words);
  }

  private static void assertMasked(Sequence masked, JsonNode expected) {
    assertThat(masked.ids()).isEqualTo(Samples.row(expected.required("input_ids")));
    assertThat(masked.labels()).isEqualTo(Samples.row(expected.required("labels")));
  }

  @Test
  void masksAsHuggingFaceDoes() {
    JsonNode vector = Vectors.section("mlm_bert_80_10_10");
    SpecialTokens specials =
        SpecialTokens.of(
            30, Map.of(Special.PAD, 0, Special.BEGIN, 2, Special.END, 3, Special.MASK, 4));
    int[] ids = Samples.row(vector.required("input_ids"));
    double[] select = Vectors.doubles(vector.required("u_select").get(0));
    double[] mask = Vectors.doubles(vector.required("u_mask").get(0));
    double[] random = Vectors.doubles(vector.required("u_random").get(0));
    int[] randomIds = Samples.row(vector.required("random_ids"));
    Script script = new Script();
    for (int i = 0; i < ids.length; i++) {
      if (!specials.isSpecial(ids[i])) {
        script.units(select[i]);
      }
    }
    for (int i = 0; i < ids.length; i++) {
      if (!specials.isSpecial(ids[i]) && select[i] < 0.15) {
        script.units(mask[i]);
        if (mask[i] >= 0.8) {
          script.units(random[i]);
          script.numbers(random[i] < 0.5 ? new int[] {randomIds[i]} : new int[0]);
        }
      }
    }
    MaskedTokens hf = new MaskedTokens(Masking.hf(), specials);
    assertMasked(hf.mask(framed(ids, specials, new BitSet()), script), vector.required("expected"));
    script.assertUsedUp();
  }

  @Test
  void masksWholeWordsAsHuggingFaceDoes() {
    JsonNode vector = Vectors.section("mlm_whole_word_hf");
    SpecialTokens specials =
        SpecialTokens.of(
            30, Map.of(Special.PAD, 0, Special.BEGIN, 2, Special.END, 3, Special.MASK, 4));
    int[] ids = Samples.row(vector.required("input_ids"));
    double[] select = Vectors.doubles(vector.required("u_select").get(0));
    BitSet words = new BitSet();
    Script script = new Script();
    int end = -1;
    for (int i = 0; i < ids.length; i++) {
      int[] offset = Vectors.ints(vector.required("offsets").get(0).get(i));
      boolean special = offset[0] == offset[1];
      if (!special && offset[0] != end) {
        words.set(i);
        script.units(select[i]);
      }
      end = special ? -1 : offset[1];
    }
    MaskedTokens hf = new MaskedTokens(Masking.hf().withWholeWords(), specials);
    assertMasked(hf.mask(framed(ids, specials, words), script), vector.required("expected"));
    script.assertUsedUp();
  }

  /** The words of BERT's own script, in its vocabulary: v9 is id 9. */
  private static final Samples.Words WORDS =
      new Samples.Words(
          List.of("[PAD]", "[CLS]", "[SEP]", "[MASK]", "v4", "v5", "v6", "v7", "v8", "v9"));

  private static Sequence maskAsBert(JsonNode vector, Masking masking, Script script) {
    int[] ids = WORDS.ids(vector.required("tokens"));
    SpecialTokens specials =
        SpecialTokens.of(
            30, Map.of(Special.PAD, 0, Special.BEGIN, 1, Special.END, 2, Special.MASK, 3));
    BitSet words = new BitSet();
    for (int i = 0; i < ids.length; i++) {
      words.set(i, !vector.required("tokens").get(i).stringValue().startsWith("##"));
    }
    Sequence masked =
        new MaskedTokens(masking, specials).mask(framed(ids, specials, words), script);
    script.assertUsedUp();
    return masked;
  }

  private static void assertMasked(Sequence masked, JsonNode vector, JsonNode expected) {
    assertThat(masked.ids()).isEqualTo(WORDS.ids(expected.required("tokens")));
    int[] positions = Vectors.ints(expected.required("positions"));
    int[] labels = WORDS.ids(expected.required("labels"));
    int[] all = new int[vector.required("tokens").size()];
    Arrays.fill(all, Sequence.IGNORE);
    for (int i = 0; i < positions.length; i++) {
      all[positions[i]] = labels[i];
    }
    assertThat(masked.labels()).isEqualTo(all);
  }

  @Test
  void masksTokensAsBertDoes() {
    JsonNode vector = Vectors.section("mlm_bert_original");
    JsonNode level = vector.required("token_level");
    Script script =
        new Script()
            .order(Vectors.ints(level.required("shuffled_candidate_order_of_7")))
            .units(Vectors.doubles(level.required("random()")));
    assertMasked(maskAsBert(vector, Masking.bert(), script), vector, level.required("expected"));
  }

  @Test
  void masksWholeWordsAsBertDoes() {
    JsonNode vector = Vectors.section("mlm_bert_original");
    JsonNode level = vector.required("whole_word");
    Script script =
        new Script()
            .order(Vectors.ints(level.required("word_order_of_4_words")))
            .units(Vectors.doubles(level.required("random()")))
            .numbers(Vectors.ints(level.required("randint")));
    Masking masking = Masking.bert().withRate(level.required("p").doubleValue()).withWholeWords();
    assertMasked(maskAsBert(vector, masking, script), vector, level.required("expected"));
  }

  @Test
  void masksAsModernBertDoes() {
    JsonNode vector = Vectors.section("mlm_modernbert_single_draw");
    int mask = vector.required("mask").intValue();
    SpecialTokens specials = SpecialTokens.of(100, Map.of(Special.PAD, 0, Special.MASK, mask));
    int random = vector.required("random_word").intValue();
    assertThat(vector.required("random_upper_bound_seen").intValue()).isEqualTo(mask + 1);
    Script script =
        new Script().units(Vectors.doubles(vector.required("u"))).numbers(random, random);
    int[] ids = Vectors.ints(vector.required("seq"));
    MaskedTokens modernBert = new MaskedTokens(Masking.modernBert(), specials);
    Sequence masked = modernBert.mask(framed(ids, specials, new BitSet()), script);
    JsonNode expected = vector.required("expected");
    assertThat(masked.ids()).isEqualTo(Samples.row(expected.required("input")));
    assertThat(masked.labels()).isEqualTo(Samples.row(expected.required("labels")));
    script.assertUsedUp();
  }

  @Test
  void countsAsFairseqDoes() {
    JsonNode vector = Vectors.section("mlm_fairseq_count");
    int length = vector.required("len").intValue();
    for (var entry : vector.required("u->n").properties()) {
      int[] order = RandomSource.of(1, 0, 0).order(length);
      double[] masked = new double[length];
      Arrays.fill(masked, 0.9);
      Script script = new Script().units(Double.parseDouble(entry.getKey())).order(order);
      script.units(Arrays.copyOf(masked, entry.getValue().intValue()));
      Text text = Samples.counting(length - 2);
      Example example = new MaskedTokens(Masking.fairseq(), Samples.SPECIALS).corrupt(text, script);
      assertThat(example.labelCount()).isEqualTo(entry.getValue().intValue());
      script.assertUsedUp();
    }
  }

  @Test
  void replacesAsElectraDoes() {
    JsonNode vector = Vectors.section("electra_rtd");
    int[] original = Vectors.ints(vector.required("original"));
    int[] positions = Vectors.ints(vector.required("masked_positions"));
    SpecialTokens specials = SpecialTokens.of(30, Map.of(Special.MASK, 4));
    // 60 % of five tokens are three draws; the third repeats the first and counts once
    Masking masking = Masking.electra().withRate(0.6);
    Script script = new Script().numbers(positions[0], positions[1], positions[0]).units(0.1, 0.9);
    Sequence masked =
        new MaskedTokens(masking, specials).mask(framed(original, specials, new BitSet()), script);
    script.assertUsedUp();
    assertThat(masked.ids()).containsExactly(10, 4, 12, 13, 14);
    ReplacedTokens replaced =
        ReplacedTokens.of(masked, original, Vectors.ints(vector.required("generator_samples")));
    JsonNode expected = vector.required("expected");
    assertThat(replaced.ids()).isEqualTo(Vectors.ints(expected.required("discriminator_input")));
    assertThat(replaced.replaced())
        .isEqualTo(Vectors.ints(expected.required("labels(1=replaced)")));
  }
}
