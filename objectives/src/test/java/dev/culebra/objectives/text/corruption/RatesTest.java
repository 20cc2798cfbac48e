package dev.culebra.objectives.text.corruption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/**
 * Drawn rates agree with the asked ones, by Pearson's chi-square. A comparison of true rates fails
 * by chance once in a thousand million seeds; most seeds here are fixed besides.
 */
class RatesTest {
  private static final SpecialTokens S = Samples.SPECIALS;

  /** The quantile 1 - 1e-9 of the normal distribution. */
  private static final double RARE = 5.9978;

  /**
   * The value that chi-square with so many degrees of freedom exceeds once in 1e9, by Wilson and
   * Hilferty; 5 % are added for their error that far out.
   */
  private static double critical(int degrees) {
    double k = 2.0 / (9 * degrees);
    return 1.05 * degrees * Math.pow(1 - k + RARE * Math.sqrt(k), 3);
  }

  private static void assertShares(long[] counts, double... shares) {
    double all = Arrays.stream(counts).sum();
    double sum = Arrays.stream(shares).sum();
    double chiSquare = 0;
    int classes = 0;
    for (int i = 0; i < counts.length; i++) {
      double expected = all * shares[i] / sum;
      if (expected == 0) {
        assertThat(counts[i]).isZero();
        continue;
      }
      assertThat(expected).as("too few expected for chi-square").isGreaterThan(5);
      chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
      classes++;
    }
    assertThat(chiSquare)
        .as("%s for %s", Arrays.toString(counts), Arrays.toString(shares))
        .isLessThan(critical(classes - 1));
  }

  private static double[] uniform(int classes) {
    double[] shares = new double[classes];
    Arrays.fill(shares, 1);
    return shares;
  }

  @Property(tries = 1000)
  void drawsAreUniform(@ForAll long seed, @ForAll long epoch, @ForAll long index) {
    RandomSource draws = RandomSource.of(seed, epoch, index);
    long[] units = new long[10];
    long[] numbers = new long[7];
    long[] orders = new long[6];
    for (int i = 0; i < 600; i++) {
      units[(int) (draws.unit() * 10)]++;
      numbers[draws.below(7)]++;
      int[] order = draws.order(3);
      orders[order[0] * 2 + (order[1] > order[2] ? 1 : 0)]++;
    }
    assertShares(units, uniform(10));
    assertShares(numbers, uniform(7));
    assertShares(orders, uniform(6));
  }

  @Test
  void theTestNoticesWrongRates() {
    RandomSource draws = RandomSource.of(1, 2, 3);
    long[] counts = new long[2];
    for (int i = 0; i < 100_000; i++) {
      counts[draws.chance(0.16) ? 1 : 0]++;
    }
    assertThat(catchThrowable(() -> assertShares(counts, 0.85, 0.15)))
        .isInstanceOf(AssertionError.class);
  }

  /** How often a token is asked, and what then stands in its place: mask, another token, itself. */
  private static long[] fates(Masking masking, int length, int samples) {
    long[] fates = new long[4];
    MaskedTokens corruption = new MaskedTokens(masking, S);
    Text text = Samples.marked(length, 5);
    for (int i = 0; i < samples; i++) {
      Sequence rows = corruption.sample(text, 7, 0, i).encoder();
      for (int row = 0; row < rows.length(); row++) {
        boolean special = rows.asked(row) == Sequence.NOWHERE && rows.id(row) < Samples.FIRST;
        if (rows.label(row) == Sequence.IGNORE) {
          fates[0] += special ? 0 : 1;
        } else if (!special || rows.label(row) >= Samples.FIRST) {
          int fate = rows.id(row) == S.id(Special.MASK) ? 1 : rows.shown(row) >= 0 ? 3 : 2;
          fates[fate]++;
        }
      }
    }
    return fates;
  }

  private static void assertFates(Masking masking, double asked, double... fates) {
    long[] counts = fates(masking, 100, 2000);
    assertShares(Arrays.copyOfRange(counts, 1, 4), fates);
    double all = Arrays.stream(counts).sum();
    assertThat((all - counts[0]) / all).isBetween(asked - 0.005, asked + 0.005);
  }

  @Test
  void masksAtTheAskedRate() {
    assertFates(Masking.bert(), 0.15, 0.8, 0.1, 0.1);
    assertFates(Masking.hf(), 0.15, 0.8, 0.1, 0.1);
    assertFates(Masking.hf().withRate(0.4), 0.4, 0.8, 0.1, 0.1);
    assertFates(Masking.fairseq(), 0.15, 0.8, 0.1, 0.1);
    assertFates(Masking.modernBert(), 0.3, 0.8, 0.1, 0.1);
    assertFates(Masking.plain(), 0.15, 1, 0, 0);
    // 15 draws with repetition of 100 tokens hit fewer: 1 - 0.99^15
    assertFates(Masking.electra(), 1 - Math.pow(0.99, 15), 0.85, 0, 0.15);
  }

  /** Each token on its own: the chi-square of rates holds for independent draws. */
  @Test
  void everyTokenIsMaskedAsOftenAsAnyOther() {
    for (Masking masking : List.of(Masking.hf(), Masking.bert(), Masking.fairseq())) {
      MaskedTokens corruption = new MaskedTokens(masking, S);
      Text text = Samples.counting(40);
      long[] counts = new long[40];
      for (int i = 0; i < 4000; i++) {
        Sequence rows = corruption.sample(text, 3, 0, i).encoder();
        for (int row = 0; row < rows.length(); row++) {
          if (rows.asked(row) != Sequence.NOWHERE) {
            counts[rows.asked(row)]++;
          }
        }
      }
      assertShares(counts, uniform(40));
    }
  }

  /** Any rate, at any length: 77 of 512 rows are BERT's published number. */
  @Test
  void exactCountsFollowTheRate() {
    for (Masking masking : List.of(Masking.bert(), Masking.albert())) {
      assertThat(masked(masking, 510)).isEqualTo(77);
      assertThat(masked(masking.withRate(0.3), 125)).isEqualTo(38);
      assertThat(masked(masking.withRate(0.5), 125)).isEqualTo(64);
      assertThat(masked(masking.withRate(0.5).withLimit(20), 125)).isEqualTo(20);
    }
  }

  private static int masked(Masking masking, int tokens) {
    Example example = new MaskedTokens(masking, S).sample(Samples.counting(tokens), 1, 0, 0);
    return Math.toIntExact(example.labelCount());
  }

  /** ALBERT: runs of one, two and three words in proportion to 1, 1/2 and 1/3. */
  @Test
  void shortRunsOfWordsAreMaskedMoreOften() {
    Masking masking = Masking.albert().withLimit(3);
    Framed text = Framed.of(Samples.counting(1000), S, true);
    long[] runs = new long[3];
    for (int i = 0; i < 6000; i++) {
      int[] selected = Selection.of(masking, text, S, RandomSource.of(9, 0, i));
      boolean two = selected[1] == selected[0] + 1; // by chance once in a thousand
      runs[two ? selected[2] == selected[1] + 1 ? 2 : 1 : 0]++;
    }
    assertShares(runs, 1, 1 / 2.0, 1 / 3.0);
  }

  /** Runs of words never overlap, and never exceed the count. */
  @Property(tries = 1000)
  void runsOfWordsDoNotOverlap(@ForAll long seed) {
    RandomSource draws = RandomSource.of(seed, 0, 0);
    Masking masking = Masking.albert().withRate(0.5).withLimit(1 + draws.below(40));
    Framed text = Framed.of(Samples.marked(1 + draws.below(50), seed), S, true);
    int[] selected = Selection.of(masking, text, S, draws);
    assertThat(Arrays.stream(selected).distinct().count()).isEqualTo(selected.length);
    double most = Math.max(1, Math.rint(text.rows().length() * 0.5));
    assertThat(selected.length).isLessThanOrEqualTo((int) Math.min(masking.limit(), most));
  }

  @Test
  void spansLieAnywhereEquallyOften() {
    long[] starts = new long[6];
    SpanCorruption plain = SpanCorruption.plain(S, new SpanLengths(0.15, 3));
    for (int i = 0; i < 6000; i++) {
      Example example = plain.sample(Samples.counting(8), 1, 0, i);
      starts[example.kept().nextClearBit(0)]++;
    }
    assertShares(starts, uniform(6));
  }

  /** Four hidden tokens in two parts: 1+3, 2+2, 3+1 equally often. */
  @Test
  void hiddenTokensAreCutEquallyOftenAnywhere() {
    long[] firstParts = new long[3];
    SpanCorruption t5 = SpanCorruption.t5(S, new SpanLengths(0.4, 2));
    for (int i = 0; i < 6000; i++) {
      BitSet kept = t5.sample(Samples.counting(10), 1, 0, i).kept();
      int first = kept.nextClearBit(0);
      firstParts[kept.nextSetBit(first) - first - 1]++;
    }
    assertShares(firstParts, uniform(3));
  }

  @Test
  void prefixesEndAnywhereEquallyOften() {
    long[] ends = new long[9];
    PrefixSplit split = PrefixSplit.t5(S, SampleLayout.ENCODER_DECODER);
    for (int i = 0; i < 9000; i++) {
      ends[split.sample(Samples.counting(10), 1, 0, i).kept().cardinality() - 1]++;
    }
    assertShares(ends, uniform(9));
  }

  @Test
  void rotationsAndOrdersAreEquallyOften() {
    long[] firsts = new long[8];
    Denoising rotation = Denoising.fairseq(Denoise.rotation(), S);
    long[] orders = new long[6];
    Denoising permutation = Denoising.fairseq(Denoise.sentencePermutation(), S);
    Text sentences = Text.ofSentences(List.of(new int[] {200}, new int[] {201}, new int[] {202}));
    for (int i = 0; i < 9000; i++) {
      firsts[rotation.sample(Samples.counting(8), 1, 0, i).encoder().id(1) - Samples.FIRST]++;
      Sequence permuted = permutation.sample(sentences, 1, 0, i).encoder();
      orders[(permuted.id(1) - 200) * 2 + (permuted.id(2) > permuted.id(3) ? 1 : 0)]++;
    }
    // offset 1 leaves the text as it is, and so does the one behind its last token
    assertShares(firsts, 2, 1, 1, 1, 1, 1, 1, 1);
    assertShares(orders, uniform(6));
  }

  @Test
  void infillingDrawsPoissonLengths() {
    Probabilities poisson = Probabilities.poisson(3);
    long[] counts = new long[9];
    RandomSource draws = RandomSource.of(4, 4, 4);
    for (int i = 0; i < 20_000; i++) {
      counts[Math.min(8, draws.pick(poisson))]++;
    }
    double[] shares = new double[9];
    IntStream.range(0, poisson.size())
        .forEach(k -> shares[Math.min(8, k)] += poisson.probability(k));
    assertShares(counts, shares);
  }

  @Test
  void mixturesDrawTheirPartsAtTheAskedRates() {
    Map<Integer, Integer> modes =
        Map.of(S.id(Special.MODE_R), 0, S.id(Special.MODE_S), 1, S.id(Special.MODE_X), 2);
    Function<Mixture, long[]> count =
        mixture -> {
          long[] counts = new long[3];
          for (int i = 0; i < 7000; i++) {
            Example example = mixture.sample(Samples.counting(64), 2, 0, i);
            counts[modes.get(example.encoder().id(0))]++;
          }
          return counts;
        };
    assertShares(count.apply(Ul2.uniform(S, SampleLayout.ENCODER_DECODER)), 2, 1, 4);
    assertShares(count.apply(Ul2.community(S, SampleLayout.ENCODER_DECODER)), 0.4, 0.2, 0.4);
    assertShares(count.apply(Ul2.mixture(S, SampleLayout.ENCODER_DECODER, 1, 0, 3)), 1, 0, 3);
  }

  @Test
  void halfOfThePairsAreWrong() {
    List<Text> texts = IntStream.range(0, 50).mapToObj(i -> Samples.marked(200, i)).toList();
    for (SentencePairs.Task task : SentencePairs.Task.values()) {
      long[] labels = new long[2];
      SentencePairs pairs = new SentencePairs(task, 64, 0);
      for (int i = 0; i < 2000; i++) {
        for (SentencePairs.Pair pair :
            pairs.pairs(Documents.of(texts), i % 50, RandomSource.of(1, 0, i))) {
          boolean ordered = pair.second().own() || task == SentencePairs.Task.NEXT_SENTENCE;
          labels[pair.label()] += ordered ? 1 : 0;
        }
      }
      if (task == SentencePairs.Task.SENTENCE_ORDER) {
        assertShares(labels, 1, 1);
      } else {
        // a random second text puts the unused sentences back, so more pairs are random
        assertThat(labels[1]).isGreaterThan(labels[0]);
      }
    }
  }

  @Test
  void gapsAreCutAtTheAskedRates() {
    long[] kinds = new long[3];
    FillInMiddle fim = FillInMiddle.of(S, 0.5, 0.2);
    for (int i = 0; i < 5000; i++) {
      Sequence rows = fim.sample(Samples.counting(20), 1, 0, i).decoder();
      boolean cut = rows.id(0) == S.id(Special.PREFIX);
      boolean prefixFirst = rows.id(1) >= Samples.FIRST;
      kinds[cut ? prefixFirst ? 1 : 2 : 0]++;
    }
    // both cuts lie behind the first token in (20/21)^2 of texts; otherwise there is no prefix
    double prefixFirst = 0.8 * (20 * 20) / (21.0 * 21);
    assertShares(kinds, 0.5, 0.5 * prefixFirst, 0.5 * (1 - prefixFirst));
  }
}
