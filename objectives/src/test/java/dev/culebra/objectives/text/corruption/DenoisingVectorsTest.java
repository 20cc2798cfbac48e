package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.Vectors;
import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.Denoise.Replacement;
import dev.culebra.objectives.text.corruption.Denoise.Unit;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** BART's noise against fairseq. */
class DenoisingVectorsTest {
  private static final JsonNode VECTORS = Vectors.section("bart_fairseq");
  private static final int STOP = VECTORS.required("ids").required("full_stop").intValue();

  private static final SpecialTokens BART =
      SpecialTokens.of(
          50,
          Map.of(
              Special.BEGIN, VECTORS.required("ids").required("bos").intValue(),
              Special.PAD, VECTORS.required("ids").required("pad").intValue(),
              Special.END, VECTORS.required("ids").required("eos").intValue(),
              Special.MASK, VECTORS.required("ids").required("mask").intValue()));

  /** The text between begin and end tokens. */
  private static Text text(JsonNode tokens) {
    int[] framed = Vectors.ints(tokens);
    int[] inner = Arrays.copyOfRange(framed, 1, framed.length - 1);
    BitSet words = new BitSet();
    words.set(0, inner.length);
    BitSet stops = new BitSet();
    for (int i = 0; i < inner.length; i++) {
      stops.set(i, inner[i] == STOP);
    }
    return Text.of(inner, words, stops);
  }

  private static final Text TEXT = text(VECTORS.required("tokens"));

  private static void assertRead(Denoise noise, Text text, Script script, JsonNode expected) {
    Example example = Denoising.fairseq(noise, BART).corrupt(text, script);
    script.assertUsedUp();
    assertThat(example.encoder().ids()).isEqualTo(Vectors.ints(expected.required("expected")));
    assertThat(example.reassemble(text.length())).isEqualTo(text.tokens());
  }

  @Test
  void fillsInAsFairseqDoes() {
    double share = VECTORS.required("mask_ratio").doubleValue();
    for (JsonNode vector : VECTORS.required("text_infilling")) {
      Replacement replacement =
          switch (vector.path("replace_length").asInt(1)) {
            case -1 -> Replacement.MASK_EACH;
            case 0 -> Replacement.NOTHING;
            default -> Replacement.ONE_MASK;
          };
      int[] lengths = Vectors.ints(vector.required("lengths"));
      int drawn = 0;
      for (int sum = 0; sum < 3; sum += lengths[drawn++]) {}
      Script script =
          new Script()
              .picks(Arrays.copyOf(lengths, drawn))
              .order(Vectors.ints(vector.required("randperm10")));
      if (vector.has("insert_randperm10")) {
        script.order(Vectors.ints(vector.required("insert_randperm10")));
      }
      Denoise noise = Denoise.infilling(share).with(share, Unit.SPAN, replacement);
      assertRead(noise, TEXT, script, vector);
    }
  }

  @Test
  void masksTokensAsFairseqDoes() {
    JsonNode vector = VECTORS.required("token_masking(replace 1, length subword)");
    Script script = new Script().order(Vectors.ints(vector.required("randperm10")));
    assertRead(Denoise.tokenMasking(0.3), TEXT, script, vector);
  }

  @Test
  void deletesTokensAsFairseqDoes() {
    JsonNode vector = VECTORS.required("token_deletion(replace 0)");
    Script script = new Script().order(Vectors.ints(vector.required("randperm10")));
    assertRead(Denoise.tokenDeletion(0.3), TEXT, script, vector);
  }

  @Test
  void permutesSentencesAsFairseqDoes() {
    JsonNode vector = VECTORS.required("sentence_permutation");
    Script script = new Script();
    for (JsonNode order : vector.required("randperm")) {
      script.order(Vectors.ints(order));
    }
    assertRead(Denoise.sentencePermutation(), text(vector.required("tokens")), script, vector);
  }

  /** A last token behind a stop ends no sentence for fairseq: it stays where it is. */
  @Test
  void leavesWhatFollowsTheLastEnd() {
    for (int last : new int[] {STOP, 29}) {
      int[] tokens = {20, STOP, 21, 22, STOP, last};
      BitSet stops = new BitSet();
      for (int i = 0; i < tokens.length; i++) {
        stops.set(i, tokens[i] == STOP);
      }
      Script script = new Script().order(0, 1).order(1, 0);
      Example example =
          Denoising.plain(Denoise.sentencePermutation(), BART)
              .corrupt(Text.of(tokens, new BitSet(), stops), script);
      script.assertUsedUp();
      assertThat(example.encoder().ids()).containsExactly(21, 22, STOP, 20, STOP, last);
    }
  }

  @Test
  void rotatesAsFairseqDoes() {
    JsonNode vector = VECTORS.required("rotation");
    int offset = vector.required("offset_in_1..len-1").intValue();
    Script script = new Script().units(0.5).numbers(offset - 1);
    assertRead(Denoise.rotation(), TEXT, script, vector);
  }

  @Test
  void insertsAsFairseqDoes() {
    JsonNode vector = VECTORS.required("insertion_p0.2");
    Script script = new Script().order(Vectors.ints(vector.required("randperm13")));
    Denoise noise = Denoise.tokenMasking(0).withInsert(0.2);
    assertRead(noise, TEXT, script, vector);
  }

  /** Seven masks for 25 rows pass through the ratio 7/25, and 25 * 7/25 exceeds 7 in double. */
  @Test
  void insertsOneTooManyWhereFairseqDoes() {
    Infilling infilling = new Infilling(Denoise.infilling(0.3), BART, RandomSource.of(1, 2, 3));
    Noised noised = Noised.of(Text.of(new int[23]), BART);
    assertThat(infilling.insert(noised, 7.0 / 25).length()).isEqualTo(25 + 8);
  }

  @Test
  void teachesTheDecoderAsFairseqDoes() {
    JsonNode vector = VECTORS.required("decoder");
    Example example =
        Denoising.fairseq(Denoise.published(), BART).corrupt(TEXT, RandomSource.of(1, 2, 3));
    assertThat(example.decoder().labels()).isEqualTo(Vectors.ints(vector.required("target")));
    assertThat(example.decoder().ids())
        .isEqualTo(Vectors.ints(vector.required("prev_output_tokens")));
  }

  @Test
  void drawsSpansFromFairseqsTable() {
    Probabilities poisson = Probabilities.poisson(3);
    assertThat(poisson.size()).isEqualTo(VECTORS.required("poisson3_support").intValue());
    double[] p = Vectors.doubles(VECTORS.required("poisson3_p0_p1_p3"));
    int[] lengths = {0, 1, 3};
    for (int i = 0; i < lengths.length; i++) {
      assertThat(poisson.probability(lengths[i])).isCloseTo(p[i], within(1e-6 * p[i]));
    }
    double renormalised = VECTORS.required("poisson3_renormalised_p0").doubleValue();
    assertThat(poisson.probability(0)).isCloseTo(renormalised, within(1e-6 * renormalised));
  }

  /** The example of transformers: no empty spans, neighbours merged, specials not scored. */
  @Test
  void mergesSpansAsTransformersDoes() {
    // budget 3 of 10; lengths 0, 1, 2 -> 1, 2; starts 3 and 4 touch: one mask
    Script script = new Script().picks(0, 1, 2).order(2, 3, 0, 1, 4, 5, 6, 7, 8, 9);
    Example example = Denoising.hf(Denoise.infilling(0.3), BART).corrupt(TEXT, script);
    script.assertUsedUp();
    assertThat(example.encoder().ids()).containsExactly(0, 20, 21, 49, 25, 26, 27, 28, 29, 2);
    assertThat(example.decoder().labels())
        .containsExactly(-100, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, -100);
    // lengths 2, 2 sum to 4, as far from 3 as 2 is: the shorter list wins
    Script tie = new Script().picks(2, 2).order(2, 3, 0, 1, 4, 5, 6, 7, 8, 9);
    assertThat(Denoising.hf(Denoise.infilling(0.3), BART).corrupt(TEXT, tie).encoder().ids())
        .containsExactly(0, 20, 21, 49, 24, 25, 26, 27, 28, 29, 2);
  }
}
