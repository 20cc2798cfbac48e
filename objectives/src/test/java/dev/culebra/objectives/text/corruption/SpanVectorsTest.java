package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.batch.Vectors;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Span corruption against T5, UL2 and the documents of transformers. */
class SpanVectorsTest {
  private static final JsonNode VECTORS = Vectors.section("t5_span_corruption");

  private static final SpecialTokens T5 =
      SpecialTokens.of(
          VECTORS.required("vocab").intValue(),
          Map.of(
              Special.PAD, VECTORS.required("pad_and_decoder_start").intValue(),
              Special.END, VECTORS.required("eos").intValue()),
          IntStream.range(0, 100)
              .map(i -> VECTORS.required("sentinel_0").intValue() - i)
              .toArray());

  @Test
  void corruptsAsT5Does() {
    for (JsonNode vector : VECTORS.required("cases")) {
      SpanLengths lengths =
          new SpanLengths(
              vector.required("noise_density").doubleValue(),
              vector.required("mean_span").doubleValue());
      int roll = vector.required("roll").intValue();
      Script script =
          new Script()
              .slots(Vectors.flags(vector.required("noise_first_flags")))
              .slots(Vectors.flags(vector.required("nonnoise_first_flags")));
      SpanCorruption corruption = SpanCorruption.t5(T5, lengths);
      if (roll > 0) {
        script.numbers(roll);
        corruption = SpanCorruption.t5Rolled(T5, lengths);
      }
      Text text = Text.of(Vectors.ints(vector.required("tokens")));
      Example example = corruption.corrupt(text, script);
      script.assertUsedUp();
      JsonNode expected = vector.required("expected");
      assertThat(example.encoder().ids())
          .isEqualTo(Vectors.ints(expected.required("inputs_with_eos")));
      assertThat(example.decoder().labels())
          .isEqualTo(Vectors.ints(expected.required("targets_with_eos")));
      assertThat(example.decoder().ids())
          .isEqualTo(Vectors.ints(expected.required("decoder_input")));
      boolean[] mask = Vectors.flags(expected.required("mask"));
      for (int i = 0; i < mask.length; i++) {
        assertThat(example.kept().get(i)).isEqualTo(!mask[i]);
      }
      assertThat(example.reassemble(text.length())).isEqualTo(text.tokens());
    }
  }

  @Test
  void countsAsT5Does() {
    for (JsonNode vector : VECTORS.required("counts")) {
      SpanLengths lengths =
          new SpanLengths(vector.required("r").doubleValue(), vector.required("mu").doubleValue());
      int[] expected = Vectors.ints(vector.required("n_noise_spans"));
      assertThat(expected[0]).isEqualTo(Math.max(2, vector.required("len").intValue()));
      assertThat(lengths.of(vector.required("len").intValue()))
          .isEqualTo(new SpanLengths.Counts(expected[1], expected[2]));
    }
  }

  /** Where the mask, which rounds in float32, hides one token more or less than the helper. */
  @Test
  void roundsInFloat32() {
    SpanLengths lengths = new SpanLengths(0.15, 3);
    int[] disagreements =
        IntStream.rangeClosed(1, 4096)
            .filter(n -> n > 1)
            .filter(n -> lengths.of(n).hidden() != Math.clamp((long) Math.rint(n * 0.15), 1, n - 1))
            .toArray();
    int[] expected =
        Vectors.ints(VECTORS.required("float32_vs_double_round_disagreements_L_1_4096_r0.15"));
    assertThat(disagreements).startsWith(expected);
  }

  @Test
  void knowsTheLengthsThatFillAModel() {
    for (JsonNode vector : VECTORS.required("lengths_random_spans_helper")) {
      assertFilling(
          vector.required("inputs").intValue(),
          new SpanLengths(vector.required("r").doubleValue(), vector.required("mu").doubleValue()),
          Vectors.ints(vector.required("tokens_targets")));
    }
    for (JsonNode vector : Vectors.section("ul2").required("denoisers")) {
      if (vector.has("inputs512_tokens_targets")) {
        assertFilling(
            512,
            new SpanLengths(
                vector.required("r").doubleValue(), vector.required("mu").doubleValue()),
            Vectors.ints(vector.required("inputs512_tokens_targets")));
      }
    }
  }

  private static void assertFilling(int inputs, SpanLengths lengths, int[] tokensTargets) {
    SpanLengths.Fill fill = lengths.filling(inputs);
    assertThat(fill.tokens()).isEqualTo(tokensTargets[0]);
    assertThat(fill.targets()).isEqualTo(tokensTargets[1]);
    assertThat(fill.inputs()).isLessThanOrEqualTo(inputs);
  }

  @Test
  void hasTheSevenDenoisersOfUl2() {
    JsonNode denoisers = Vectors.section("ul2").required("denoisers");
    assertThat(Ul2.DENOISERS).hasSize(denoisers.size());
    for (int i = 0; i < denoisers.size(); i++) {
      JsonNode expected = denoisers.get(i);
      Ul2.Denoiser denoiser = Ul2.DENOISERS.get(i);
      assertThat(denoiser.mode()).hasToString(expected.required("mode").stringValue());
      assertThat(denoiser.density()).isEqualTo(expected.required("r").doubleValue());
      int tokens = 512;
      if (expected.has("inputs512_tokens_targets")) {
        assertThat(denoiser.meanSpan()).isEqualTo(expected.required("mu").doubleValue());
        tokens = expected.required("inputs512_tokens_targets").get(0).intValue();
      }
      assertThat(denoiser.lengths().of(tokens).spans())
          .isEqualTo(expected.required("spans").intValue());
    }
    JsonNode release = Vectors.section("ul2").required("mode_tokens_release");
    JsonNode paper = Vectors.section("ul2").required("mode_tokens_paper");
    Special[] modes = {Special.MODE_R, Special.MODE_S, Special.MODE_X};
    for (int i = 0; i < modes.length; i++) {
      String letter = modes[i].name().substring("MODE_".length());
      assertThat(modes[i].names())
          .containsExactly(paper.get(i).stringValue(), release.required(letter).stringValue());
    }
  }

  /** The setting S hides a quarter, at the end, and announces itself. */
  @Test
  void continuesInModeS() {
    Mixture onlyS = Ul2.mixture(Samples.SPECIALS, SampleLayout.ENCODER_DECODER, 0, 1, 0);
    Example example = onlyS.corrupt(Samples.counting(8), RandomSource.of(1, 2, 3));
    int end = Samples.SPECIALS.id(Special.END);
    int sentinel = Samples.SPECIALS.sentinel(0);
    assertThat(example.encoder().ids())
        .containsExactly(
            Samples.SPECIALS.id(Special.MODE_S), 200, 201, 202, 203, 204, 205, sentinel, end);
    assertThat(example.decoder().labels()).containsExactly(sentinel, 206, 207, end);
  }

  @Test
  void closesAsTheDocumentsOfTransformersDo() {
    JsonNode vector = VECTORS.required("hf_docs_style_closing_sentinel");
    List<String> words = List.of(vector.required("text").stringValue().split(" "));
    Text text = Samples.counting(words.size());
    boolean[] hidden = {false, true, true, false, false, true, false};
    SpanCorruption plain = SpanCorruption.plain(Samples.SPECIALS, new SpanLengths(0.4, 1.5));
    Example example = plain.corrupt(text, hidden);
    assertThat(written(example.encoder().ids(), words))
        .isEqualTo(vector.required("input").stringValue());
    assertThat(written(example.decoder().labels(), words))
        .isEqualTo(vector.required("labels").stringValue());
    assertThat(written(plain.withClosing(false).corrupt(text, hidden).decoder().labels(), words))
        .isEqualTo("<extra_id_0> cute dog <extra_id_1> the");
    // two spans in eight gaps, before words 1 and 3 of those that are kept; 2 + 1 words hidden
    Script script = new Script().order(1, 0).order(1, 3, 0, 2, 4);
    assertThat(plain.corrupt(text, script).kept()).isEqualTo(example.kept());
    script.assertUsedUp();
  }

  private static String written(int[] ids, List<String> words) {
    StringBuilder line = new StringBuilder();
    for (int id : ids) {
      int sentinel = 199 - id;
      String word = sentinel < 0 ? words.get(id - 200) : SpecialTokens.sentinelName(sentinel);
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    return line.toString();
  }
}
