package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import java.util.function.UnaryOperator;

/**
 * Masked language modelling (Devlin et al. 2019): selected tokens are hidden behind a mask, another
 * token or nothing at all, and asked for where they stand. The encoder sees everything else.
 */
public final class MaskedTokens implements Corruption {
  private final Masking masking;
  private final SpecialTokens specials;

  /** Masks as a profile says. */
  public MaskedTokens(Masking masking, SpecialTokens specials) {
    this.masking = masking;
    this.specials = specials;
  }

  /** The special tokens of the vocabulary. */
  SpecialTokens specials() {
    return specials;
  }

  /** Masks otherwise. */
  public MaskedTokens with(UnaryOperator<Masking> change) {
    return new MaskedTokens(change.apply(masking), specials);
  }

  @Override
  public int minimum() {
    return 1;
  }

  @Override
  public long drawnIn(long epoch) {
    return masking.copies() == 0 ? epoch : epoch % masking.copies();
  }

  @Override
  public Example corrupt(Text text, RandomSource draws) {
    text.requireAtLeast(minimum(), "masked language modelling");
    return Example.encoder(mask(Framed.of(text, specials, masking.framed()), draws));
  }

  /** Masks rows that already have their special tokens. */
  Sequence mask(Framed framed, RandomSource draws) {
    return masking.choice() == Masking.Choice.SINGLE_DRAW
        ? maskBySingleDraw(framed.rows(), draws)
        : maskSelected(framed, draws);
  }

  private Sequence maskSelected(Framed framed, RandomSource draws) {
    Sequence rows = framed.rows();
    Sequence.Builder masked = rows.toBuilder();
    for (int row : Selection.of(masking, framed, specials, draws)) {
      int token = rows.id(row);
      masked.ask(row, token, rows.shown(row));
      int shown = masking.substitution().replace(token, specials, draws);
      if (shown != token) {
        masked.replace(row, shown);
      }
    }
    return masked.build(rows.pattern());
  }

  /**
   * ModernBERT: u below 0.8 p masks, below 0.9 p replaces by a word up to the largest of the masked
   * sequence, below p asks for the token that stands there. Padding is replaced but not asked for.
   */
  private Sequence maskBySingleDraw(Sequence rows, RandomSource draws) {
    double p = masking.rate();
    int pad = specials.id(Special.PAD);
    int mask = specials.id(Special.MASK);
    Sequence.Builder masked = rows.toBuilder();
    int largest = 0;
    boolean[] random = new boolean[rows.length()];
    for (int row = 0; row < rows.length(); row++) {
      double u = draws.unit();
      if (u < p && rows.id(row) != pad) {
        masked.ask(row, rows.id(row), rows.shown(row));
      }
      if (u < p * 0.8) {
        masked.replace(row, mask);
      }
      random[row] = u >= p * 0.8 && u < p * 0.9;
      largest = Math.max(largest, u < p * 0.8 ? mask : rows.id(row));
    }
    for (int row = 0; row < rows.length(); row++) {
      if (random[row]) {
        int place = row;
        specials.word(draws, largest + 1).ifPresent(word -> masked.replace(place, word));
      }
    }
    return masked.build(rows.pattern());
  }
}
