package dev.culebra.objectives.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.HostIntervals;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.CausalText;
import dev.culebra.objectives.text.corruption.Corruption;
import dev.culebra.objectives.text.corruption.Denoise;
import dev.culebra.objectives.text.corruption.Denoising;
import dev.culebra.objectives.text.corruption.Example;
import dev.culebra.objectives.text.corruption.MaskedTokens;
import dev.culebra.objectives.text.corruption.Masking;
import dev.culebra.objectives.text.corruption.Pattern;
import dev.culebra.objectives.text.corruption.PrefixSplit;
import dev.culebra.objectives.text.corruption.SampleLayout;
import dev.culebra.objectives.text.corruption.Sequence;
import dev.culebra.objectives.text.corruption.SpanCorruption;
import dev.culebra.objectives.text.corruption.SpanLengths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PackedExamplesTest {
  private static final SpecialTokens SPECIALS = specials();
  private static final int PAD = SPECIALS.id(Special.PAD);

  private static SpecialTokens specials() {
    Map<Special, Integer> ids = new EnumMap<>(Special.class);
    for (Special special : Special.values()) {
      ids.put(special, ids.size());
    }
    return SpecialTokens.of(1000, ids, IntStream.range(50, 90).toArray());
  }

  private static Text text(int length) {
    return Text.of(IntStream.range(100, 100 + length).toArray());
  }

  private static final List<Corruption> KINDS =
      List.of(
          CausalText.plain(SPECIALS),
          new MaskedTokens(Masking.bert(), SPECIALS),
          PrefixSplit.plain(SPECIALS),
          PrefixSplit.t5(SPECIALS, SampleLayout.ENCODER_DECODER),
          SpanCorruption.t5(SPECIALS, new SpanLengths(0.3, 2)),
          Denoising.fairseq(Denoise.published(), SPECIALS),
          Denoising.plain(Denoise.tokenDeletion(1), SPECIALS));

  /** Whatever is packed, every row finds its own sample's rows, as the sample alone says. */
  @Property(tries = 1000)
  void everySampleKeepsToItself(@ForAll long seed) {
    RandomSource draws = RandomSource.of(seed, 0, 0);
    PackedExamples batch = new PackedExamples(6, 90, 120);
    batch.begin();
    List<Example> packed = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      Corruption kind = KINDS.get(draws.below(KINDS.size()));
      Example example = kind.corrupt(text(2 + draws.below(30)), draws);
      if (batch.add(example)) {
        packed.add(example);
      }
    }
    batch.finish(PAD);
    assertThat(batch.examples()).isEqualTo(packed.size());
    int source = 0;
    int target = 0;
    for (int e = 0; e < packed.size(); e++) {
      Example example = packed.get(e);
      boolean reads = example.encoder().length() > 0;
      assertThat(batch.firstRows()[e]).isEqualTo(reads ? source : target);
      assertThat(batch.labels()[e]).isEqualTo(example.label());
      assertSame(example.encoder(), batch.encoder(), source);
      assertSame(example.decoder(), batch.decoder(), target);
      for (int row = target; row < target + example.decoder().length(); row++) {
        int seen = batch.cross().ends()[row] - batch.cross().starts()[row];
        assertThat(seen).isEqualTo(example.encoder().length());
        assertThat(seen == 0 || batch.cross().starts()[row] == source).isTrue();
      }
      source += example.encoder().length();
      target += example.decoder().length();
    }
    assertPadded(batch.encoder(), source);
    assertPadded(batch.decoder(), target);
    assertThat(batch.cross().rows()).isEqualTo(batch.decoder().rows());
  }

  private static void assertSame(Sequence sequence, Batch side, int first) {
    for (int i = 0; i < sequence.length(); i++) {
      int row = first + i;
      assertThat(side.ids()[row]).isEqualTo(sequence.id(i));
      assertThat(side.types()[row]).isEqualTo(sequence.type(i));
      assertThat(side.labels()[row]).isEqualTo(sequence.label(i));
      assertThat(side.positions()[row]).isEqualTo(i);
      assertThat(side.attention().starts()[row]).isEqualTo(first + sequence.start(i));
      assertThat(side.attention().ends()[row]).isEqualTo(first + sequence.end(i));
    }
  }

  private static void assertPadded(Batch side, int from) {
    assertThat(side.rows()).isEqualTo(side.capacity());
    for (int row = from; row < side.rows(); row++) {
      assertThat(side.ids()[row]).isEqualTo(PAD);
      assertThat(side.attention().starts()[row]).isEqualTo(side.attention().ends()[row]);
    }
    int[] labelled =
        IntStream.range(0, side.rows()).filter(r -> side.labels()[r] != Batch.IGNORE).toArray();
    assertThat(side.labelCount()).isEqualTo(labelled.length);
    assertThat(Arrays.copyOf(side.labelPositions(), labelled.length)).isEqualTo(labelled);
    for (int i = labelled.length; i < side.labelPositions().length; i++) {
      assertThat(side.labelPositions()[i]).isEqualTo(Batch.NO_POSITION);
    }
  }

  @Test
  void packsAnEncoderDecoder() {
    PackedExamples batch = new PackedExamples(4, 10, 12);
    PrefixSplit split = PrefixSplit.t5(SPECIALS, SampleLayout.ENCODER_DECODER).withShare(0.5);
    batch.begin();
    assertThat(batch.add(split.corrupt(text(4), RandomSource.of(1, 0, 0)))).isTrue();
    assertThat(batch.add(split.corrupt(text(6), RandomSource.of(1, 0, 1)))).isTrue();
    assertThat(batch.add(split.corrupt(text(6), RandomSource.of(1, 0, 2))))
        .as("does not fit")
        .isFalse();
    batch.finish(PAD);
    int end = SPECIALS.id(Special.END);
    assertThat(batch.encoder().ids())
        .containsExactly(100, 101, end, 100, 101, 102, end, PAD, PAD, PAD);
    assertThat(batch.encoder().attention())
        .hasToString(
            "Intervals[starts=[0, 0, 0, 3, 3, 3, 3, 7, 7, 7], ends=[3, 3, 3, 7, 7, 7, 7, 7, 7,"
                + " 7]]");
    assertThat(batch.decoder().attention())
        .hasToString(
            "Intervals[starts=[0, 0, 0, 3, 3, 3, 3, 7, 7, 7, 7, 7],"
                + " ends=[1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7]]");
    assertThat(batch.cross())
        .hasToString(
            "Intervals[starts=[0, 0, 0, 3, 3, 3, 3, 7, 7, 7, 7, 7],"
                + " ends=[3, 3, 3, 7, 7, 7, 7, 7, 7, 7, 7, 7]]");
    assertThat(batch.decoder().labelCount()).isEqualTo(7);
    assertThat(batch.encoder().labelCount()).isZero();
    assertThat(batch.firstRows()).containsExactly(0, 3, -1, -1);
    assertThat(batch.examples()).isEqualTo(2);
    batch.begin();
    batch.finish(PAD);
    assertThat(batch.examples()).isZero();
    assertThat(batch.decoder().labelCount()).isZero();
  }

  /** The windows of the design's table, cut out of packed causal and bidirectional documents. */
  @Test
  void cutsWindowsOutOfIntervals() {
    HostIntervals causal = new HostIntervals(7, 7);
    causal.addCausal(0, 3);
    causal.addCausal(3, 3);
    causal.addEmpty();
    HostIntervals window = new HostIntervals(7, 7);
    window.addWindowed(causal, 1, 0);
    assertThat(window)
        .hasToString("Intervals[starts=[0, 0, 1, 3, 3, 4, 6], ends=[1, 2, 3, 4, 5, 6, 6]]");
    HostIntervals both = new HostIntervals(7, 7);
    both.addBidirectional(0, 3);
    both.addBidirectional(3, 4);
    HostIntervals local = new HostIntervals(7, 7);
    local.addWindowed(both, 1, 1);
    assertThat(local)
        .hasToString("Intervals[starts=[0, 0, 1, 3, 3, 4, 5], ends=[2, 3, 3, 5, 6, 7, 7]]");
    assertThatThrownBy(() -> local.addWindowed(both, -1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesSizesThatAreNone() {
    assertThatThrownBy(() -> new PackedExamples(0, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PackedExamples(1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(Pattern.CAUSAL.end(0, 0)).isZero();
  }
}
