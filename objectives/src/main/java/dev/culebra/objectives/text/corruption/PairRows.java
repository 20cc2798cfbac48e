package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import java.util.BitSet;

/**
 * Lays a pair of texts out for an encoder: {@code begin A end B end}, type 0 up to the first end
 * token and 1 after it; the pair's label belongs to the sample, and masked tokens are asked for
 * beside it, as BERT and ALBERT do.
 */
public final class PairRows {
  private final SpecialTokens specials;
  private final MaskedTokens masked;

  private PairRows(SpecialTokens specials, MaskedTokens masked) {
    this.specials = specials;
    this.masked = masked;
  }

  /** Pairs with masked tokens. */
  public static PairRows masked(SpecialTokens specials, Masking masking) {
    return new PairRows(specials, new MaskedTokens(masking, specials));
  }

  /** Pairs with tokens masked in a given way. */
  public static PairRows masked(MaskedTokens masked) {
    return new PairRows(masked.specials(), masked);
  }

  /** Pairs whose tokens can all be seen. */
  public static PairRows plain(SpecialTokens specials) {
    return new PairRows(specials, null);
  }

  /** The epoch whose draws an epoch uses: see {@link Corruption#drawnIn}. */
  public long drawnIn(long epoch) {
    return masked == null ? epoch : masked.drawnIn(epoch);
  }

  /** The sample of a pair. Tokens of other documents have no place in the original. */
  public Example example(SentencePairs.Pair pair, RandomSource draws) {
    Sequence.Builder rows =
        new Sequence.Builder(pair.first().length() + pair.second().length() + 3);
    BitSet words = new BitSet();
    rows.add(specials.id(Special.BEGIN), Sequence.NOWHERE);
    add(pair.first(), 0, rows, words);
    add(pair.second(), 1, rows, words);
    Sequence visible = rows.build(Pattern.BIDIRECTIONAL);
    Sequence sequence = masked == null ? visible : masked.mask(new Framed(visible, words), draws);
    return new Example(sequence, Sequence.NONE, pair.label());
  }

  private void add(SentencePairs.Segment part, int type, Sequence.Builder rows, BitSet words) {
    for (int i = part.span().start(); i < part.span().end(); i++) {
      boolean starts = i == part.span().start() || part.text().startsWord(i);
      words.set(rows.length(), starts);
      int origin = part.own() ? i : Sequence.NOWHERE;
      rows.add(part.text().token(i), origin, type, Sequence.IGNORE, Sequence.NOWHERE);
    }
    int end = specials.id(Special.END);
    rows.add(end, Sequence.NOWHERE, type, Sequence.IGNORE, Sequence.NOWHERE);
  }
}
