package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import java.util.function.UnaryOperator;

/**
 * BART's denoising (Lewis et al. 2020): the encoder reads a noised text, the decoder writes the
 * original. The decoder starts with the end token, as fairseq moves the last token to the front.
 */
public final class Denoising implements Corruption {
  private final Denoise noise;
  private final SpecialTokens specials;
  private final Style style;

  private enum Style {
    FAIRSEQ,
    HF,
    PLAIN
  }

  private Denoising(Denoise noise, SpecialTokens specials, Style style) {
    this.noise = noise;
    this.specials = specials;
    this.style = style;
  }

  /** As fairseq does: begin and end tokens around the text are written too. */
  public static Denoising fairseq(Denoise noise, SpecialTokens specials) {
    return new Denoising(noise, specials, Style.FAIRSEQ);
  }

  /**
   * As the example of transformers does: see {@link MergedInfilling}; begin and end tokens are not
   * scored.
   */
  public static Denoising hf(Denoise noise, SpecialTokens specials) {
    return new Denoising(noise, specials, Style.HF);
  }

  /** The noise of fairseq without tokens around the text. */
  public static Denoising plain(Denoise noise, SpecialTokens specials) {
    return new Denoising(noise, specials, Style.PLAIN);
  }

  /** Makes other noise in the same style. */
  public Denoising with(UnaryOperator<Denoise> change) {
    return new Denoising(change.apply(noise), specials, style);
  }

  /** What noise is made. */
  public Denoise noise() {
    return noise;
  }

  @Override
  public int minimum() {
    return 1;
  }

  @Override
  public Example corrupt(Text text, RandomSource draws) {
    text.requireAtLeast(minimum(), "denoising");
    Noised source = noised(text, draws);
    Noised read = style == Style.PLAIN ? source.inner() : source;
    Sequence.Builder encoder = new Sequence.Builder(read.length());
    for (int row = 0; row < read.length(); row++) {
      encoder.add(read.id(row), read.origin(row));
    }
    return Example.pair(encoder.build(Pattern.BIDIRECTIONAL), decoder(text));
  }

  private Noised noised(Text text, RandomSource draws) {
    Noised source = Noised.of(text, specials);
    Infilling infilling = new Infilling(noise, specials, draws);
    if (noise.permute() > 0) {
      source = SentencePermutation.apply(source, text, noise.permute(), draws);
    }
    if (noise.mask() > 0) {
      source =
          style == Style.HF && noise.unit() == Denoise.Unit.SPAN
              ? MergedInfilling.hide(source, noise, specials, draws)
              : infilling.hide(source, text);
    }
    if (noise.insert() > 0) {
      source = infilling.insert(source, noise.insert());
    }
    if (noise.rotate() > 0 && draws.chance(noise.rotate())) {
      int offset = 1 + draws.below(Math.max(1, source.length() - 1));
      source = SentencePermutation.rotate(source, offset);
    }
    return source;
  }

  private Sequence decoder(Text text) {
    int begin = specials.id(Special.BEGIN);
    int end = specials.id(Special.END);
    Target target = new Target(text.length() + 2);
    if (style != Style.PLAIN) {
      target.add(begin);
    }
    for (int i = 0; i < text.length(); i++) {
      target.add(text.token(i), i);
    }
    if (style != Style.PLAIN) {
      target.add(end);
    }
    Sequence.Builder rows = target.shiftedRight(specials.start(Special.END));
    if (style == Style.HF) {
      rows.ask(0, Sequence.IGNORE, Sequence.NOWHERE);
      rows.ask(rows.length() - 1, Sequence.IGNORE, Sequence.NOWHERE);
    }
    return rows.build(Pattern.CAUSAL);
  }
}
