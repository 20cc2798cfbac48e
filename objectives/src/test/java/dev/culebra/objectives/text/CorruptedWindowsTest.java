package dev.culebra.objectives.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.MemoryTokens;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.data.batch.WindowOrder;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.TokenView;
import dev.culebra.objectives.text.corruption.Corruption;
import dev.culebra.objectives.text.corruption.MaskedTokens;
import dev.culebra.objectives.text.corruption.Masking;
import dev.culebra.objectives.text.corruption.PairRows;
import dev.culebra.objectives.text.corruption.PrefixSplit;
import dev.culebra.objectives.text.corruption.SentencePairs;
import dev.culebra.objectives.text.corruption.SpanCorruption;
import dev.culebra.objectives.text.corruption.SpanLengths;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorruptedWindowsTest {
  private static final int VOCABULARY = 1000;
  private static final SpecialTokens SPECIALS = SpecialTokens.behind(VOCABULARY, 20);
  private static final int PAD = VOCABULARY;
  private static final Corruption MLM = new MaskedTokens(Masking.fairseq(), SPECIALS);
  private static final Corruption SPANS = SpanCorruption.t5(SPECIALS, new SpanLengths(0.3, 2));

  @TempDir Path folder;

  /** Documents of the ids 1, 2, 3, ...: an id occurs once and tells its place. */
  private TokenShards counting(int... lengths) {
    List<int[]> documents = new ArrayList<>();
    int next = 1;
    for (int length : lengths) {
      documents.add(IntStream.range(next, next + length).toArray());
      next += length;
    }
    return MemoryTokens.write(folder, VOCABULARY, documents);
  }

  private static TrainingBatches<PackedExamples> source(
      TokenView view, Corruption corruption, boolean byDocument, int sequences, int microBatches) {
    PackedOptions options = new PackedOptions(sequences, 20, byDocument, 40, 160, 160, PAD);
    return CorruptedWindows.training(view, Text::of, corruption, options, microBatches, 5);
  }

  private static String contents(PackedExamples batch) {
    StringBuilder all = new StringBuilder();
    for (Batch side : new Batch[] {batch.encoder(), batch.decoder()}) {
      all.append(Arrays.toString(side.ids()));
      all.append(Arrays.toString(side.labels()));
      all.append(side.attention());
    }
    return all.append(batch.cross()).append(batch.examples()).toString();
  }

  @Test
  void fillsTheSameBatchWheneverAsked() {
    try (TokenShards shards = counting(100, 7, 90, 30)) {
      TokenView view = TokenView.all(shards);
      for (Corruption corruption : new Corruption[] {MLM, SPANS}) {
        TrainingBatches<PackedExamples> run = source(view, corruption, true, 3, 2);
        PackedExamples batch = run.newBatch();
        List<String> seen = new ArrayList<>();
        for (int step = 0; step < 20; step++) {
          run.fill(step, 1, batch);
          assertThat(batch.leftOut()).isZero();
          seen.add(contents(batch));
        }
        TrainingBatches<PackedExamples> resumed = source(view, corruption, true, 3, 2);
        PackedExamples other = resumed.newBatch();
        for (int step = 19; step >= 0; step--) {
          resumed.fill(step, 1, other);
          assertThat(contents(other)).isEqualTo(seen.get(step));
        }
        assertThat(seen).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void takesTheSameSamplesHoweverAStepIsDivided() {
    try (TokenShards shards = counting(400)) {
      TokenView view = TokenView.all(shards);
      TrainingBatches<PackedExamples> whole = source(view, MLM, false, 4, 1);
      TrainingBatches<PackedExamples> halves = source(view, MLM, false, 2, 2);
      PackedExamples all = whole.newBatch();
      PackedExamples half = halves.newBatch();
      for (int step = 0; step < 20; step++) {
        whole.fill(step, 0, all);
        for (int m = 0; m < 2; m++) {
          halves.fill(step, m, half);
          assertThat(Arrays.copyOf(half.encoder().ids(), 44))
              .isEqualTo(Arrays.copyOfRange(all.encoder().ids(), 44 * m, 44 * m + 44));
        }
      }
    }
  }

  /** Documents are samples of their own: no sample holds tokens of two, and none is forgotten. */
  @Test
  void cutsWindowsWhereDocumentsEnd() {
    int[] lengths = {3, 50, 1, 30, 12, 9};
    try (TokenShards shards = counting(lengths)) {
      int[] documentOf = new int[VOCABULARY];
      int next = 1;
      for (int document = 0; document < lengths.length; document++) {
        Arrays.fill(documentOf, next, next += lengths[document], document);
      }
      TrainingBatches<PackedExamples> source = source(TokenView.all(shards), MLM, true, 2, 1);
      PackedExamples batch = source.newBatch();
      BitSet seen = new BitSet();
      for (int step = 0; step < 200; step++) {
        source.fill(step, 0, batch);
        assertThat(batch.leftOut()).isZero();
        Batch encoder = batch.encoder();
        for (int segment = 0; segment < batch.examples(); segment++) {
          BitSet documents = new BitSet();
          for (int row = encoder.segmentStarts()[segment] + 1;
              row < encoder.segmentStarts()[segment + 1] - 1;
              row++) {
            boolean asked = encoder.labels()[row] != Batch.IGNORE;
            int token = asked ? encoder.labels()[row] : encoder.ids()[row];
            assertThat(token).isNotEqualTo(MemoryTokens.END);
            documents.set(documentOf[token]);
            seen.set(token);
          }
          assertThat(documents.cardinality()).isEqualTo(1);
        }
      }
      assertThat(seen.cardinality()).isEqualTo(Arrays.stream(lengths).sum());
    }
  }

  /** Windows of one and the same word are masked each in its own way, and anew each epoch. */
  @Test
  void drawsForEveryWindow() {
    int[] same = new int[20 * 50];
    Arrays.fill(same, 7);
    try (TokenShards shards = MemoryTokens.write(folder, VOCABULARY, List.of(same))) {
      Corruption often = new MaskedTokens(Masking.hf().withRate(0.5), SPECIALS);
      TrainingBatches<PackedExamples> source = source(TokenView.all(shards), often, false, 1, 1);
      PackedExamples batch = source.newBatch();
      List<String> seen = new ArrayList<>();
      for (int step = 0; step < 150; step++) {
        source.fill(step, 0, batch);
        seen.add(Arrays.toString(batch.encoder().ids()));
      }
      assertThat(seen).doesNotHaveDuplicates();
    }
  }

  /** BERT's ten masks of a text come back after ten epochs, in another order; fairseq's never. */
  @Test
  void staticMasksRepeat() {
    try (TokenShards shards = counting(100, 7, 90, 30)) {
      TokenView view = TokenView.all(shards);
      TrainingBatches<PackedExamples> bert =
          source(view, new MaskedTokens(Masking.bert(), SPECIALS), true, 1, 1);
      assertThat(epoch(bert, view, 13)).hasSameElementsAs(epoch(bert, view, 3));
      assertThat(epoch(bert, view, 13)).isNotEqualTo(epoch(bert, view, 3));
      assertThat(epoch(bert, view, 4)).doesNotContainAnyElementsOf(epoch(bert, view, 3));
      TrainingBatches<PackedExamples> fairseq = source(view, MLM, true, 1, 1);
      assertThat(epoch(fairseq, view, 13)).doesNotContainAnyElementsOf(epoch(fairseq, view, 3));
    }
  }

  /** The samples of an epoch in windows of 20 tokens. */
  private static List<String> epoch(
      TrainingBatches<PackedExamples> source, TokenView view, int epoch) {
    long windows = new WindowOrder(view.size(), 20, 5).windows();
    PackedExamples batch = source.newBatch();
    List<String> samples = new ArrayList<>();
    for (long step = epoch * windows; step < (epoch + 1) * windows; step++) {
      source.fill(step, 0, batch);
      samples.add(contents(batch));
    }
    return samples;
  }

  /** So do pairs of sentences with masks. */
  @Test
  void staticPairsRepeat() {
    try (TokenShards shards = counting(600)) {
      TokenView view = TokenView.all(shards);
      Function<int[], Text> mark = tokens -> Text.ofSentences(List.of(tokens));
      PairedSentences sampling =
          new PairedSentences(
              view,
              mark,
              new SentencePairs(SentencePairs.Task.NEXT_SENTENCE, 40, 0.1),
              PairRows.masked(SPECIALS, Masking.bert()),
              20,
              true,
              5);
      assertThat(epoch(sampling, 13)).hasSameElementsAs(epoch(sampling, 3));
      assertThat(epoch(sampling, 13)).isNotEqualTo(epoch(sampling, 4));
    }
  }

  private static List<String> epoch(PairedSentences sampling, int epoch) {
    List<String> samples = new ArrayList<>();
    for (long number = epoch * sampling.count();
        number < (epoch + 1) * sampling.count();
        number++) {
      PackedExamples batch = new PackedExamples(4, 60, 1);
      batch.begin();
      sampling.add(number, batch);
      batch.finish(PAD);
      samples.add(contents(batch) + Arrays.toString(batch.labels()));
    }
    return samples;
  }

  @Test
  void saysWhatFoundNoRoom() {
    try (TokenShards shards = counting(300)) {
      PackedOptions tight = new PackedOptions(4, 20, false, 40, 50, 1, PAD);
      TrainingBatches<PackedExamples> source =
          CorruptedWindows.training(TokenView.all(shards), Text::of, MLM, tight, 1, 5);
      PackedExamples batch = source.newBatch();
      source.fill(0, 0, batch);
      assertThat(batch.leftOut()).as("two windows of 22 rows fit").isEqualTo(2);
      assertThat(batch.examples()).isEqualTo(2);
    }
  }

  /** A prefix needs a continuation: without one there would be nothing to learn from. */
  /** They have two special tokens each, and there are many to a window. */
  @Test
  void thereIsRoomForManyShortDocuments() {
    int[] lengths = IntStream.range(0, 300).map(i -> 1 + i % 4).toArray();
    try (TokenShards shards = counting(lengths)) {
      TokenView view = TokenView.all(shards);
      PackedOptions narrow = new PackedOptions(3, 20, true, 12, 66, 1, PAD);
      Dataset drawn = CorruptedWindows.drawn(view, Text::of, MLM, narrow, 5);
      PackedOptions room = narrow.roomFor(drawn, Long.MAX_VALUE);
      TrainingBatches<PackedExamples> training = SampledBatches.training(drawn, room, 1);
      PackedExamples batch = training.newBatch();
      for (int step = 0; step < 50; step++) {
        training.fill(step, 0, batch);
        assertThat(batch.leftOut()).isZero();
      }
      assertThat(batch.examples()).isGreaterThan(narrow.examples());
      PackedOptions pairs = new PackedOptions(3, 1, false, 3, 30, 1, PAD);
      assertThat(pairs.covering(narrow).roomFor(drawn, Long.MAX_VALUE))
          .as("whichever part of a mixture is first")
          .isEqualTo(narrow.covering(pairs).roomFor(drawn, Long.MAX_VALUE));

      Dataset inOrder = CorruptedWindows.inOrder(view, Text::of, MLM, narrow, 5);
      long count = CorruptedWindows.count(view, narrow);
      EvaluationBatches<PackedExamples> heldOut =
          SampledBatches.heldOut(inOrder, count, narrow.roomFor(inOrder, count));
      PackedExamples evaluated = heldOut.newBatch();
      for (long i = 0; i < heldOut.batches(); i++) {
        heldOut.fill(i, evaluated);
        assertThat(evaluated.leftOut()).isZero();
      }
    }
  }

  @Test
  void refusesATextOfDocumentsThatAreTooShort() {
    Corruption prefix = PrefixSplit.plain(SPECIALS);
    int[] words = new int[60];
    Arrays.fill(words, 1);
    try (TokenShards shards = counting(words)) {
      TokenView view = TokenView.all(shards);
      assertThatThrownBy(() -> source(view, prefix, true, 1, 1))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("None of the text's 120 tokens stand in a document of at least 2")
          .hasMessageContaining("batch.packing");
      PackedOptions options = new PackedOptions(1, 20, true, 40, 1, 160, PAD);
      assertThatThrownBy(() -> CorruptedWindows.heldOut(view, Text::of, prefix, options, 5))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("at least 2");
      assertThat(source(view, prefix, false, 1, 1)).isNotNull();
      assertThat(source(view, MLM, true, 1, 1)).isNotNull();
    }
  }

  @Test
  void oneLongDocumentIsEnough() {
    int[] words = new int[60];
    Arrays.fill(words, 1);
    words[50] = 2;
    try (TokenShards shards = counting(words)) {
      assertThat(source(TokenView.all(shards), PrefixSplit.plain(SPECIALS), true, 1, 1))
          .isNotNull();
    }
  }

  @Test
  void refusesWhatCannotBe() {
    try (TokenShards shards = counting(19)) {
      TokenView view = TokenView.all(shards);
      assertThatThrownBy(() -> source(view, MLM, true, 1, 1))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("20 tokens, no more than one window of 20");
      assertThatThrownBy(() -> source(view, MLM, true, 1, 0))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("at least one micro-batch");
      assertThatThrownBy(() -> new PackedOptions(0, 5, true, 1, 1, 1, PAD))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("0 windows of 5 tokens");
      assertThatThrownBy(() -> new PackedOptions(1, 5, true, 1, 0, 1, PAD))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("0 and 1 rows");
    }
  }
}
