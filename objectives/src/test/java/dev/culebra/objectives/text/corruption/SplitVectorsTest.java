package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.batch.Vectors;
import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.ByteLevelBpe;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TextMarks;
import dev.culebra.data.token.Tokenizer;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Prefixes, causal rows and gaps against T5, PyTorch's tril and bigcode's Megatron-LM. */
class SplitVectorsTest {
  private static final SpecialTokens T5 =
      SpecialTokens.of(2000, Map.of(Special.PAD, 0, Special.END, 1));

  @Test
  void splitsForAnEncoderDecoderAsT5Does() {
    JsonNode vector = Vectors.section("prefix_lm_t5_encoder_decoder");
    int k = vector.required("k").intValue();
    Script script = new Script().numbers(k - 1);
    Example example =
        PrefixSplit.t5(T5, SampleLayout.ENCODER_DECODER)
            .corrupt(Text.of(Vectors.ints(vector.required("tokens"))), script);
    assertThat(example.encoder().ids()).isEqualTo(Vectors.ints(vector.required("inputs")));
    assertThat(example.decoder().labels()).isEqualTo(Vectors.ints(vector.required("targets")));
    assertThat(example.decoder().ids()).isEqualTo(Vectors.ints(vector.required("decoder_input")));
  }

  @Test
  void splitsForADecoderAsT5Does() {
    JsonNode vector = Vectors.section("packing").required("t5_prefix_decoder_only_split3_len6");
    int[] target = Vectors.ints(vector.required("decoder_target"));
    Example example =
        PrefixSplit.t5(T5, SampleLayout.DECODER).corrupt(Text.of(target), new Script().numbers(2));
    Sequence decoder = example.decoder();
    assertThat(decoder.ids()).isEqualTo(Vectors.ints(vector.required("decoder_input")));
    boolean[] scored = Vectors.flags(vector.required("loss_weights"));
    boolean[] visible =
        Vectors.flags(vector.required("decoder_causal_attention(bidirectional inputs)"));
    for (int row = 0; row < target.length; row++) {
      assertThat(decoder.label(row)).isEqualTo(scored[row] ? target[row] : Sequence.IGNORE);
      assertThat(row < decoder.end(0)).isEqualTo(visible[row]);
    }
  }

  @Test
  void seesWhatATriangleShows() {
    JsonNode mask = Vectors.section("causal_lm").required("mask_T4");
    Sequence decoder = CausalText.plain(T5).corrupt(Samples.counting(5), new Script()).decoder();
    for (int row = 0; row < 4; row++) {
      boolean[] seen = Vectors.flags(mask.get(row));
      for (int key = 0; key < 4; key++) {
        assertThat(key >= decoder.start(row) && key < decoder.end(row)).isEqualTo(seen[key]);
      }
    }
  }

  private static final JsonNode FIM = Vectors.section("fim");

  private static Example fill(Script script, boolean characters) {
    JsonNode ids = FIM.required("ids");
    SpecialTokens specials =
        SpecialTokens.of(
            1100,
            Map.of(
                Special.PREFIX, ids.required("prefix").intValue(),
                Special.SUFFIX, ids.required("suffix").intValue(),
                Special.MIDDLE, ids.required("middle").intValue()));
    FillInMiddle fim = FillInMiddle.of(specials, 0.5, 0.5);
    String text = FIM.required("text").stringValue();
    Example example =
        characters
            ? fim.corrupt(text, part -> part.chars().toArray(), script)
            : fim.corrupt(Text.of(text.chars().toArray()), script);
    script.assertUsedUp();
    return example;
  }

  @ParameterizedTest
  @CsvSource({"0.4, 0.6, PSM", "0.4, 0.4, SPM_variant2", "0.6, 0, not_applied"})
  void fillsTheMiddleAsBigcodeDoes(double applied, double suffixFirst, String name) {
    int[] cuts = Vectors.ints(FIM.required("boundaries_unsorted"));
    for (boolean characters : new boolean[] {false, true}) {
      Script script = new Script().units(applied);
      if (applied < 0.5) {
        script.numbers(cuts).units(suffixFirst);
      }
      assertTokens(fill(script, characters), Vectors.ints(FIM.required(name)));
    }
  }

  /** Texts in tokens are cut between characters too, and their parts make up the text. */
  @Test
  void cutsWithinTokens() {
    BpeTrainer trainer = new BpeTrainer();
    String text = "The whale – „der Wal“ – sank the whale ship; the whales saw the whalers.";
    trainer.add(text);
    try (ByteLevelBpe tokenizer = trainer.train(290)) {
      int[] tokens = tokenizer.encode(text);
      SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
      FillInMiddle fim = FillInMiddle.of(specials, 1, 0);
      Text written = TextMarks.of(tokenizer).text(tokens);
      int within = 0;
      for (int i = 0; i < 1000; i++) {
        Sequence rows = fim.sample(written, 5, 0, i).decoder();
        assertThat(rows.length()).isLessThanOrEqualTo(tokens.length + 2 + FillInMiddle.GROWTH);
        if (rows.id(0) == specials.id(Special.PREFIX)) {
          String[] parts = parts(rows, specials, tokenizer); // a long one's suffix is shortened
          assertThat(text).startsWith(parts[0] + parts[2] + parts[1]);
          within += rows.length() > tokens.length + 2 ? 1 : 0;
        }
      }
      assertThat(within).as("samples with a token cut in two").isGreaterThan(300);
    }
  }

  /** Prefix, suffix and middle of a sample. */
  private static String[] parts(Sequence rows, SpecialTokens specials, Tokenizer tokenizer) {
    String[] parts = {"", "", ""};
    int part = 0;
    int[] ids = Arrays.copyOf(rows.ids(), rows.length() + 1);
    ids[rows.length()] = rows.label(rows.length() - 1);
    int from = 1;
    for (int i = 1; i <= ids.length; i++) {
      if (i == ids.length
          || ids[i] == specials.id(Special.SUFFIX)
          || ids[i] == specials.id(Special.MIDDLE)) {
        parts[part++] = tokenizer.decode(Arrays.copyOfRange(ids, from, i));
        from = i + 1;
      }
    }
    return parts;
  }

  /** A window may cut a character, or hold the end of a document: neither is written anew. */
  @Test
  void cutCharactersAndSpecialTokensAreNotWrittenAnew() {
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("a –");
    try (ByteLevelBpe tokenizer = trainer.train(trainer.smallestVocabulary())) {
      int[] tokens = tokenizer.encode("–a–b–c–d–e–");
      SpecialTokens specials = SpecialTokens.in(tokenizer, 0);
      FillInMiddle fim = FillInMiddle.of(specials, 1, 0);
      Text cut = TextMarks.of(tokenizer).text(Arrays.copyOfRange(tokens, 1, tokens.length - 1));
      int[] ended = tokens.clone();
      ended[7] = tokenizer.endOfText();
      Text two = TextMarks.of(tokenizer).text(ended);
      for (int i = 0; i < 200; i++) {
        String[] parts = parts(fim.sample(cut, 5, 0, i).decoder(), specials, tokenizer);
        assertThat(parts[0] + parts[2] + parts[1]).isEqualTo("a–b–c–d–e");
        Sequence rows = fim.sample(two, 5, 0, i).decoder();
        assertThat(rows.length()).isEqualTo(ended.length + 2);
        assertThat(rows.labels()).contains(tokenizer.endOfText());
      }
    }
  }

  @Test
  void mayFillNothing() {
    Script script = new Script().units(0.1, 0.9).numbers(3, 3);
    assertTokens(fill(script, false), Vectors.ints(FIM.required("empty_middle")));
  }

  /** Cuts may lie before the first token and behind the last. */
  @Test
  void mayFillEverything() {
    Script script = new Script().units(0.1, 0.9).numbers(6, 0);
    assertTokens(fill(script, true), new int[] {1001, 1002, 1003, 97, 98, 99, 100, 101, 102});
  }

  private static void assertTokens(Example example, int[] tokens) {
    Sequence decoder = example.decoder();
    assertThat(decoder.length()).isEqualTo(tokens.length - 1);
    for (int row = 0; row < decoder.length(); row++) {
      assertThat(decoder.id(row)).isEqualTo(tokens[row]);
      assertThat(decoder.label(row)).isEqualTo(tokens[row + 1]);
    }
  }
}
