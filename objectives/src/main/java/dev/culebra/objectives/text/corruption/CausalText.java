package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;

/**
 * Next-token prediction on one text (Radford et al. 2018): row i reads token i and is asked for
 * token i+1. Nothing is drawn.
 */
public final class CausalText implements Corruption {
  private final SpecialTokens specials;
  private final boolean ended;

  private CausalText(SpecialTokens specials, boolean ended) {
    this.specials = specials;
    this.ended = ended;
  }

  /** The text alone: its last token is only asked for. */
  public static CausalText plain(SpecialTokens specials) {
    return new CausalText(specials, false);
  }

  /** The text and the token that ends it, as GPT-2 is trained. */
  public static CausalText ended(SpecialTokens specials) {
    return new CausalText(specials, true);
  }

  @Override
  public int minimum() {
    return ended ? 1 : 2;
  }

  @Override
  public Example corrupt(Text text, RandomSource draws) {
    text.requireAtLeast(minimum(), "next-token prediction");
    int pairs = text.length() - (ended ? 0 : 1);
    Sequence.Builder rows = new Sequence.Builder(pairs);
    for (int i = 0; i < pairs; i++) {
      if (i + 1 < text.length()) {
        rows.add(text.token(i), i, 0, text.token(i + 1), i + 1);
      } else {
        rows.add(text.token(i), i, 0, specials.id(Special.END), Sequence.NOWHERE);
      }
    }
    return Example.decoder(rows.build(Pattern.CAUSAL));
  }
}
