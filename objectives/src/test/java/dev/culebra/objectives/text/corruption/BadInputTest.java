package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.SentencePairs.Task;
import dev.culebra.runtime.BadInputException;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs that leave nothing to hide, nothing to show, or make no sense. */
class BadInputTest {
  private static final SpecialTokens S = Samples.SPECIALS;
  private static final RandomSource DRAWS = RandomSource.of(1, 2, 3);

  private static void assertRefused(Runnable call, String... parts) {
    assertThatThrownBy(call::run)
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
  void sharesOfMaskedTokensMustHideSomething(double share) {
    assertRefused(() -> Masking.bert().withRate(share), "share of " + share, "above 0");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -1, 2, Double.NaN})
  void spanCorruptionHidesAndKeeps(double density) {
    assertRefused(() -> new SpanLengths(density, 3), "share " + density, "between 0 and 1");
    assertRefused(() -> PrefixSplit.plain(S).withShare(density), "share " + density);
  }

  @Test
  void everyTokenMayBeMasked() {
    Example example =
        new MaskedTokens(Masking.plain().withRate(1), S).corrupt(Samples.counting(5), DRAWS);
    assertThat(example.labelCount()).isEqualTo(5);
    assertThat(example.encoder().ids()).containsOnly(S.id(Special.MASK));
  }

  @Test
  void nothingMayBeMaskedByChance() {
    Script never = new Script().units(0.9, 0.9, 0.9);
    Example example = new MaskedTokens(Masking.hf(), S).corrupt(Samples.counting(3), never);
    assertThat(example.labelCount()).isZero();
    assertThat(example.reassemble(3)).containsExactly(200, 201, 202);
  }

  /** A word longer than all that may be masked is passed over, as BERT does. */
  @Test
  void aWordBeyondTheLimitIsLeftAlone() {
    Text word = Text.of(new int[] {200, 201, 202}, new BitSet(), new BitSet());
    Masking masking = Masking.bert().withWholeWords().withLimit(2).withRate(1);
    assertThat(new MaskedTokens(masking, S).corrupt(word, DRAWS).labelCount()).isZero();
  }

  @Test
  void aTextOfSpecialTokensHasNothingToMask() {
    Text ends = Text.of(S.id(Special.END), S.id(Special.PAD));
    for (Masking masking :
        List.of(Masking.bert(), Masking.hf(), Masking.albert(), Masking.electra())) {
      assertThat(new MaskedTokens(masking, S).corrupt(ends, DRAWS).labelCount()).isZero();
    }
  }

  @Test
  void textsOfOneTokenHaveADefinedResult() {
    Text one = Samples.counting(1);
    assertThat(new MaskedTokens(Masking.bert(), S).corrupt(one, DRAWS).labelCount()).isEqualTo(1);
    assertThat(CausalText.ended(S).corrupt(one, DRAWS).labelCount()).isEqualTo(1);
    Denoising denoising = Denoising.fairseq(Denoise.published().withRotate(1), S);
    assertThat(denoising.corrupt(one, DRAWS).reassemble(1)).containsExactly(200);
    // T5 hides nothing of a text of one token: the target is the kept part's sentinel
    Example span = SpanCorruption.t5(S, new SpanLengths(0.15, 3)).corrupt(one, DRAWS);
    assertThat(span.encoder().ids()).containsExactly(200, S.id(Special.END));
    assertThat(span.decoder().labels()).containsExactly(S.sentinel(0), S.id(Special.END));
  }

  @Test
  void textsThatAreTooShortAreRefused() {
    Text one = Samples.counting(1);
    for (Corruption corruption :
        List.of(
            CausalText.plain(S),
            PrefixSplit.plain(S),
            PrefixSplit.t5(S, SampleLayout.DECODER),
            SpanCorruption.plain(S, new SpanLengths(0.15, 3)),
            FillInMiddle.of(S, 1, 0.5))) {
      assertThat(corruption.minimum()).isEqualTo(2);
      assertRefused(() -> corruption.corrupt(one, DRAWS), "1 token", "at least 2");
    }
    Text none = Samples.counting(0);
    for (Corruption corruption :
        List.of(
            new MaskedTokens(Masking.hf(), S),
            CausalText.ended(S),
            SpanCorruption.t5(S, new SpanLengths(0.15, 3)),
            Denoising.fairseq(Denoise.published(), S),
            Ul2.uniform(S, SampleLayout.DECODER))) {
      assertThat(corruption.minimum()).isEqualTo(1);
      assertRefused(() -> corruption.corrupt(none, DRAWS), "0 tokens", "at least 1");
    }
  }

  @Test
  void spansLongerThanTheTextAreCut() {
    Text text = Samples.counting(6);
    Example t5 = SpanCorruption.t5(S, new SpanLengths(0.5, 64)).corrupt(text, DRAWS);
    assertThat(t5.kept().cardinality()).isEqualTo(3);
    Example plain = SpanCorruption.plain(S, new SpanLengths(0.15, 64)).corrupt(text, DRAWS);
    assertThat(plain.kept().cardinality()).isEqualTo(1);
    assertThat(plain.reassemble(6)).isEqualTo(text.tokens());
    // nine spans, but one kept token separates only one: as many as fit
    assertThat(new SpanLengths(0.9, 1).of(10)).isEqualTo(new SpanLengths.Counts(9, 1));
    assertRefused(() -> new SpanLengths(0.5, 0.9), "0.9 tokens on average", "at least 1");
  }

  @Test
  void moreSpansThanSentinelsAreRefused() {
    SpecialTokens two = SpecialTokens.of(2000, Map.of(Special.PAD, 0, Special.END, 1), 2, 3);
    SpanCorruption t5 = SpanCorruption.t5(two, new SpanLengths(0.5, 1));
    assertThat(t5.corrupt(Samples.counting(4), DRAWS).labelCount()).isEqualTo(5);
    assertRefused(
        () -> t5.corrupt(Samples.counting(6), DRAWS),
        "more than the 2 hidden spans",
        "<extra_id_2>");
  }

  @Test
  void missingSpecialTokensAreNamed() {
    SpecialTokens none = SpecialTokens.of(2000, Map.of());
    assertRefused(
        () -> new MaskedTokens(Masking.plain(), none).corrupt(Samples.counting(3), DRAWS),
        "no token for MASK",
        "[MASK], <mask>");
    assertRefused(() -> SpecialTokens.of(10, Map.of(Special.PAD, 10)), "10 is outside");
  }

  @Test
  void oneSentenceHasNoOrderAndOneDocumentNoOtherSentence() {
    List<Text> alone = List.of(Samples.counting(5));
    for (Task task : Task.values()) {
      SentencePairs pairs = new SentencePairs(task, 20, 0);
      assertRefused(() -> pairs.pairs(Documents.of(alone), 0, DRAWS), "needs", "document", "two");
      List<Text> two = List.of(Samples.counting(5), Samples.counting(7));
      List<SentencePairs.Pair> drawn = pairs.pairs(Documents.of(two), 0, DRAWS);
      assertThat(drawn).hasSize(1).allMatch(pair -> pair.label() == 1);
    }
    assertRefused(() -> new SentencePairs(Task.NEXT_SENTENCE, 4, 0), "4 rows", "at least 5");
    assertRefused(() -> new SentencePairs(Task.NEXT_SENTENCE, 9, -1), "-1.0");
    assertRefused(() -> Text.ofSentences(List.of(new int[0])), "without tokens");
  }

  @Test
  void weightsMustBeProbabilities() {
    for (double[] weights :
        new double[][] {{}, {0, 0}, {1, -1, 3}, {Double.NaN}, {Double.POSITIVE_INFINITY, 1}}) {
      assertRefused(
          () -> new Probabilities(weights), "weights", "at least 0, finite and not all 0");
    }
    assertRefused(() -> Ul2.mixture(S, SampleLayout.DECODER, 0, 0, 0), "not all 0");
    assertRefused(() -> Ul2.mixture(S, SampleLayout.DECODER, 1, -1, 1), "at least 0");
    assertRefused(
        () -> new Mixture(List.of(CausalText.plain(S)), new Probabilities(1, 2)),
        "1 objectives has 2 weights");
    assertThat(new Probabilities(0, 1, 0).at(Math.nextDown(1.0))).isEqualTo(1);
    assertThat(new Probabilities(0, 1, 0).at(0)).isEqualTo(1);
  }

  @Test
  void sharesOfNoiseMustBeShares() {
    List<DoubleConsumer> ways =
        List.of(
            Denoise::tokenMasking,
            Denoise::tokenDeletion,
            Denoise::infilling,
            share -> Denoise.published().withPermute(share),
            share -> Denoise.published().withInsert(share),
            share -> Denoise.published().withRotate(share),
            share -> FillInMiddle.of(S, share, 0.5),
            share -> FillInMiddle.of(S, 0.5, share));
    for (DoubleConsumer way : ways) {
      for (double share : new double[] {-0.1, 1.1, Double.NaN}) {
        assertRefused(() -> way.accept(share), "" + share);
      }
    }
    assertRefused(() -> Denoise.published().withMeanSpan(0), "meanSpan");
    assertRefused(() -> Masking.bert().withLimit(0), "at least 1");
    assertRefused(() -> Masking.hf().withNgrams(2), "count exactly");
    assertRefused(() -> Masking.modernBert().withWholeWords(), "modernbert");
  }

  @Test
  void everythingMayBeDeleted() {
    Denoising all = Denoising.plain(Denoise.tokenDeletion(1), S);
    Example example = all.corrupt(Samples.counting(4), DRAWS);
    assertThat(example.encoder().length()).isZero();
    assertThat(example.reassemble(4)).containsExactly(200, 201, 202, 203);
  }

  @Test
  void anEmptySideOfAPairIsRefused() {
    SourceTarget pairs = new SourceTarget(S, SampleLayout.ENCODER_DECODER);
    Text some = Samples.counting(2);
    assertRefused(() -> pairs.example(Text.of(), some), "source", "empty");
    assertRefused(() -> pairs.example(some, Text.of()), "target", "empty");
  }

  @Test
  void gapsKeepTheLengthThatIsAsked() {
    FillInMiddle fim = FillInMiddle.of(S, 1, 0.5).withLength(12);
    Script cuts = new Script().units(0, 0.9).numbers(2, 4);
    Sequence longer = fim.corrupt(Samples.counting(12), cuts).decoder();
    assertThat(longer.length()).isEqualTo(11);
    assertThat(longer.label(10)).isEqualTo(203);
    Script again = new Script().units(0, 0.9).numbers(2, 4);
    Sequence shorter = fim.corrupt(Samples.counting(6), again).decoder();
    assertThat(shorter.length()).isEqualTo(11);
    assertThat(shorter.ids()).contains(S.id(Special.PAD));
    assertThat(shorter.labels()).doesNotContain(S.id(Special.PAD));
    // the suffix is too short to be shortened by three: the text stays whole
    Script late = new Script().units(0).numbers(10, 11);
    assertThat(fim.corrupt(Samples.counting(12), late).decoder().ids())
        .isEqualTo(IntStream.range(200, 211).toArray());
  }
}
