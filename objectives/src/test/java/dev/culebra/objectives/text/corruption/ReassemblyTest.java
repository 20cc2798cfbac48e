package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.runtime.text.Format;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/** What holds for every corruption, whatever is drawn. */
class ReassemblyTest {
  private static final SpecialTokens S = Samples.SPECIALS;

  /** Corruptions whose samples hold the whole text, in inputs and labels together. */
  private static final Map<String, Corruption> ALL = new LinkedHashMap<>();

  static {
    ALL.put("causal", CausalText.plain(S));
    ALL.put("causal ended", CausalText.ended(S));
    ALL.put("mlm plain", new MaskedTokens(Masking.plain(), S));
    ALL.put("mlm bert", new MaskedTokens(Masking.bert(), S));
    ALL.put("mlm bert 40 %", new MaskedTokens(Masking.bert().withRate(0.4), S));
    ALL.put("mlm bert words", new MaskedTokens(Masking.bert().withWholeWords(), S));
    ALL.put("mlm albert", new MaskedTokens(Masking.albert(), S));
    ALL.put("mlm hf", new MaskedTokens(Masking.hf(), S));
    ALL.put("mlm hf words", new MaskedTokens(Masking.hf().withWholeWords(), S));
    ALL.put("mlm fairseq", new MaskedTokens(Masking.fairseq(), S));
    ALL.put("mlm fairseq words", new MaskedTokens(Masking.fairseq().withWholeWords(), S));
    ALL.put("mlm modernbert", new MaskedTokens(Masking.modernBert(), S));
    ALL.put("electra", new MaskedTokens(Masking.electra(), S));
    ALL.put("mlm all", new MaskedTokens(Masking.hf().withRate(1), S));
    ALL.put("prefix plain", PrefixSplit.plain(S));
    ALL.put("prefix t5", PrefixSplit.t5(S, SampleLayout.ENCODER_DECODER));
    ALL.put("prefix t5 decoder", PrefixSplit.t5(S, SampleLayout.DECODER).withShare(0.3));
    SpanLengths usual = new SpanLengths(0.15, 3);
    SpanLengths dense = new SpanLengths(0.5, 2.2);
    ALL.put("span plain", SpanCorruption.plain(S, usual));
    ALL.put("span t5", SpanCorruption.t5(S, usual));
    ALL.put("span t5 dense", SpanCorruption.t5(S, dense));
    ALL.put("span t5 rolled", SpanCorruption.t5Rolled(S, dense));
    ALL.put("span t5 closed", SpanCorruption.t5(S, dense).withClosing(true));
    ALL.put("span hf", SpanCorruption.hf(S, dense));
    ALL.put("span decoder", SpanCorruption.t5(S, dense).withArrangement(SampleLayout.DECODER));
    ALL.put("token masking", Denoising.fairseq(Denoise.tokenMasking(0.3), S));
    ALL.put("token deletion", Denoising.fairseq(Denoise.tokenDeletion(0.3), S));
    ALL.put("infilling", Denoising.fairseq(Denoise.infilling(0.3), S));
    ALL.put("infilling plain", Denoising.plain(Denoise.infilling(0.5), S));
    ALL.put("infilling hf", Denoising.hf(Denoise.infilling(0.3), S));
    ALL.put("permutation", Denoising.fairseq(Denoise.sentencePermutation(), S));
    ALL.put(
        "half permutation", Denoising.fairseq(Denoise.sentencePermutation().withPermute(0.5), S));
    ALL.put("rotation", Denoising.fairseq(Denoise.rotation(), S));
    ALL.put("published", Denoising.fairseq(Denoise.published().withInsert(0.1).withRotate(0.5), S));
    ALL.put("delete all", Denoising.fairseq(Denoise.tokenDeletion(1), S));
    ALL.put("ul2", Ul2.uniform(S, SampleLayout.ENCODER_DECODER));
    ALL.put("ul2 decoder", Ul2.community(S, SampleLayout.DECODER));
    ALL.put("fim", FillInMiddle.of(S, 0.8, 0.5));
  }

  /** A corruption, a text long enough for it, and draws. */
  record Case(String name, Text text, long seed) {
    Corruption corruption() {
      return ALL.get(name);
    }

    Example example() {
      return corruption().sample(text, seed, 1, 2);
    }

    @Override
    public String toString() {
      return Format.text("%s of %d tokens, seed %d", name, text.length(), seed);
    }
  }

  @Provide
  Arbitrary<Case> cases() {
    return Combinators.combine(
            Arbitraries.of(ALL.keySet()),
            Arbitraries.integers().between(1, 180),
            Arbitraries.longs())
        .as(
            (name, length, seed) ->
                new Case(
                    name, Samples.marked(Math.max(length, ALL.get(name).minimum()), seed), seed));
  }

  @Property(tries = 1000 * 4)
  void hiddenAndKeptAreTheWholeText(@ForAll("cases") Case c) {
    assertThat(c.example().reassemble(c.text.length())).isEqualTo(c.text.tokens());
  }

  /** Each family on its own, so that none gets fewer than 1,000 cases. */
  @Property(tries = 1000)
  void everyFamilyIsPutTogetherAgain(@ForAll long seed) {
    RandomSource draws = RandomSource.of(seed, 0, 0);
    for (String name : ALL.keySet()) {
      int length = Math.max(ALL.get(name).minimum(), 1 + draws.below(60));
      Case c = new Case(name, Samples.marked(length, seed), seed);
      assertThat(c.example().reassemble(length)).as(c.toString()).isEqualTo(c.text.tokens());
    }
  }

  /** What the input shows of the original stands in the record, and is shown once. */
  @Property(tries = 1000)
  void inputsShowWhatTheirRecordSays(@ForAll("cases") Case c) {
    Example example = c.example();
    for (Sequence side : List.of(example.encoder(), example.decoder())) {
      BitSet shown = new BitSet();
      for (int row = 0; row < side.length(); row++) {
        if (side.shown(row) != Sequence.NOWHERE) {
          assertThat(side.id(row)).isEqualTo(c.text.token(side.shown(row)));
          assertThat(shown.get(side.shown(row))).isFalse();
          shown.set(side.shown(row));
        } else {
          assertThat(side.id(row) < Samples.FIRST || c.name.matches("mlm.*|published")).isTrue();
        }
        if (side.asked(row) != Sequence.NOWHERE) {
          assertThat(side.label(row)).isEqualTo(c.text.token(side.asked(row)));
        }
      }
    }
  }

  /**
   * No row may see the token that it is asked for, in its own sequence or the encoder's. Two
   * objectives show some on purpose: masking keeps every tenth selected token, and what denoising
   * does not hide, the encoder shows.
   */
  @Property(tries = 1000)
  void noLabelLeaksIntoTheInput(@ForAll("cases") Case c) {
    Example example = c.example();
    for (Sequence side : List.of(example.encoder(), example.decoder())) {
      for (int row = 0; row < side.length(); row++) {
        int asked = side.asked(row);
        if (side.label(row) == Sequence.IGNORE || asked == Sequence.NOWHERE) {
          continue;
        }
        for (int key = side.start(row); key < side.end(row); key++) {
          boolean kept = key == row && side.shown(row) == asked && side == example.encoder();
          assertThat(kept || side.shown(key) != asked).as("row %d sees key %d", row, key).isTrue();
        }
      }
    }
    boolean asksForHidden = !example.encoder().equals(Sequence.NONE) && ALL_HIDE.contains(c.name);
    if (asksForHidden) {
      for (int row = 0; row < example.decoder().length(); row++) {
        int asked = example.decoder().asked(row);
        assertThat(asked == Sequence.NOWHERE || !example.kept().get(asked)).isTrue();
      }
    }
  }

  /** Encoder-decoders whose decoder is asked for nothing that the encoder shows. */
  private static final List<String> ALL_HIDE =
      ALL.keySet().stream().filter(name -> name.matches("(span|prefix|ul2).*")).toList();

  @Property(tries = 1000)
  void intervalsAreThoseOfTheTable(@ForAll("cases") Case c) {
    Example example = c.example();
    Sequence encoder = example.encoder();
    for (int row = 0; row < encoder.length(); row++) {
      assertThat(encoder.start(row)).isZero();
      assertThat(encoder.end(row)).isEqualTo(encoder.length());
    }
    Sequence decoder = example.decoder();
    int visible =
        switch (decoder.pattern()) {
          case Pattern.Prefix prefix -> prefix.visible();
          case Pattern.Bidirectional _ -> decoder.length();
        };
    assertThat(visible > 0)
        .isEqualTo(c.name.matches("prefix plain|.* decoder") && decoder.length() > 0);
    for (int row = 0; row < decoder.length(); row++) {
      assertThat(decoder.start(row)).isZero();
      assertThat(decoder.end(row)).isEqualTo(Math.max(visible, row + 1));
      assertThat(row < visible - 1 && decoder.label(row) != Sequence.IGNORE)
          .as("what is given is not scored")
          .isFalse();
    }
  }

  @Property(tries = 1000)
  void aSampleIsAFunctionOfItsCoordinates(@ForAll("cases") Case c) {
    assertThat(c.example()).hasToString(c.example().toString());
  }

  @Property(tries = 1000)
  void pairsHoldWhatTheirRecordSays(
      @ForAll long seed, @ForAll @LongRange(min = 5, max = 60) long context) {
    List<Text> texts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      texts.add(Samples.marked(1 + RandomSource.of(seed, i, 0).below(80), seed + i));
    }
    for (SentencePairs.Task task : SentencePairs.Task.values()) {
      SentencePairs pairs = new SentencePairs(task, Math.toIntExact(context), 0.1);
      PairRows rows = PairRows.masked(S, Masking.bert());
      RandomSource draws = RandomSource.of(seed, 0, 0);
      BitSet first = new BitSet();
      for (SentencePairs.Pair pair : pairs.pairs(Documents.of(texts), 0, draws)) {
        Example example = rows.example(pair, draws);
        Sequence encoder = example.encoder();
        assertThat(encoder.length()).isLessThanOrEqualTo(Math.toIntExact(context));
        assertThat(example.label()).isBetween(0, 1);
        int[] original = example.reassemble(texts.getFirst().length());
        for (int i = 0; i < original.length; i++) {
          assertThat(original[i]).isIn(Sequence.NOWHERE, texts.getFirst().token(i));
        }
        assertThat(encoder.type(0)).isZero();
        assertThat(encoder.type(encoder.length() - 1)).isEqualTo(1);
        for (SentencePairs.Segment part : List.of(pair.first(), pair.second())) {
          assertThat(part.length()).isPositive();
        }
        boolean inOrder = pair.first().span().end() <= pair.second().span().start();
        boolean own = pair.first().own() && pair.second().own();
        if (pair.label() == 0) {
          assertThat(own && inOrder).isTrue();
        } else if (task == SentencePairs.Task.SENTENCE_ORDER && own) {
          assertThat(inOrder).as("swapped").isFalse();
        }
        first.set(pair.first().span().start());
      }
      assertThat(first.isEmpty()).isFalse();
    }
  }
}
