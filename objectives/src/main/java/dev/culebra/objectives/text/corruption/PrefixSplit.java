package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * Prefix language modelling: the first k tokens are given, the rest is to be written (Raffel et al.
 * 2020, {@code prefix_lm} of T5). k is uniform over 1 .. length-1, or a fixed share of the length.
 *
 * <p>T5's own layout ends input and output of an encoder-decoder with the end token, begins them as
 * the tokenizer's template says, and begins a decoder with the padding token, which then counts to
 * the visible part: k+1 rows.
 */
public final class PrefixSplit implements Corruption {
  private final SpecialTokens specials;
  private final SampleLayout layout;
  private final boolean framed;
  private final double share;

  private PrefixSplit(SpecialTokens specials, SampleLayout layout, boolean framed, double share) {
    this.specials = specials;
    this.layout = layout;
    this.framed = framed;
    this.share = share;
  }

  /** The bare halves, for one decoder: the last given token is asked for the first hidden one. */
  public static PrefixSplit plain(SpecialTokens specials) {
    return new PrefixSplit(specials, SampleLayout.DECODER, false, Double.NaN);
  }

  /** As T5 does, with its end and start tokens. */
  public static PrefixSplit t5(SpecialTokens specials, SampleLayout layout) {
    return new PrefixSplit(specials, layout, true, Double.NaN);
  }

  /** Gives a fixed share of each text, rounded, instead of a drawn one. */
  public PrefixSplit withShare(double given) {
    if (!(given > 0 && given < 1)) {
      throw new BadInputException(
          Format.text(
              "A prefix cannot be the share %s of a text: it must lie between 0 and 1", given));
    }
    return new PrefixSplit(specials, layout, framed, given);
  }

  @Override
  public int minimum() {
    return 2;
  }

  @Override
  public Example corrupt(Text text, RandomSource draws) {
    text.requireAtLeast(minimum(), "a prefix and a continuation");
    int length = text.length();
    int k =
        Double.isNaN(share)
            ? 1 + draws.below(length - 1)
            : Math.clamp(Math.round(share * length), 1, length - 1);
    Target input = part(text, 0, k);
    Target output = part(text, k, length);
    if (!framed) {
      return SampleLayout.layWithoutStart(input, output);
    }
    if (layout == SampleLayout.ENCODER_DECODER) {
      input.add(specials.id(Special.END));
      output.add(specials.id(Special.END));
    }
    return layout.lay(input, output, specials.start(Special.PAD));
  }

  private Target part(Text text, int from, int to) {
    Target part = framed ? Target.opened(layout, specials, to - from + 2) : new Target(to - from);
    for (int i = from; i < to; i++) {
      part.add(text.token(i), i);
    }
    return part;
  }
}
