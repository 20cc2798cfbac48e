package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;

/**
 * Permutation language modelling (Yang et al. 2019), as {@code
 * DataCollatorForPermutationLanguageModeling} of transformers draws it: spans of 1 to 5 tokens,
 * each in a context six times as long, are asked for in a random order.
 *
 * <p>What a row sees is no interval, so the architectures here do not train it; {@link Sample#sees}
 * tells what a model with two streams of attention would need.
 */
public final class PermutedSpans {
  private static final int LONGEST_SPAN = 5;
  private static final int CONTEXT_PER_TOKEN = 6;

  private final SpecialTokens specials;

  /** Samples over a vocabulary with a mask token. */
  public PermutedSpans(SpecialTokens specials) {
    this.specials = specials;
  }

  /** A sample and the order in which its hidden tokens are predicted. */
  public static final class Sample {
    private final Sequence rows;
    private final int[] places;

    private Sample(Sequence rows, int[] places) {
      this.rows = rows;
      this.places = places;
    }

    /** The rows: hidden tokens are masked and asked for. */
    public Sequence rows() {
      return rows;
    }

    /** Whether a row sees another: all that is not hidden, and what was predicted before it. */
    public boolean sees(int row, int key) {
      return rows.label(key) == Sequence.IGNORE || places[row] > places[key];
    }
  }

  /**
   * The sample of a sequence with its special tokens, which are never hidden.
   *
   * @throws BadInputException if the length is odd: both halves are permuted alike
   */
  public Sample corrupt(int[] ids, RandomSource draws) {
    int length = ids.length;
    if (length == 0 || length % 2 == 1) {
      throw new BadInputException(
          Format.text(
              "Permutation language modelling takes an even number of tokens, not %d: pad by one",
              length));
    }
    Sequence.Builder rows = new Sequence.Builder(length);
    boolean[] hidden = spans(length, draws);
    int[] places = places(length, draws);
    for (int row = 0; row < length; row++) {
      boolean special = specials.isSpecial(ids[row]);
      if (hidden[row] && !special) {
        rows.add(specials.id(Special.MASK), Sequence.NOWHERE, 0, ids[row], row);
      } else {
        rows.add(ids[row], row);
        places[row] = special ? places[row] : -1; // an ordinary visible token sees nothing hidden
      }
    }
    return new Sample(rows.build(Pattern.BIDIRECTIONAL), places);
  }

  private static boolean[] spans(int length, RandomSource draws) {
    boolean[] hidden = new boolean[length];
    int context;
    for (int from = 0; from < length; from += context) {
      int span = 1 + draws.below(LONGEST_SPAN);
      context = span * CONTEXT_PER_TOKEN;
      int start = Math.min(length, from + draws.below(context - span + 1));
      Arrays.fill(hidden, start, Math.min(length, start + span), true);
    }
    return hidden;
  }

  /** The place of each row in the order: the first half permuted, the second the same. */
  private static int[] places(int length, RandomSource draws) {
    int[] half = draws.order(length / 2);
    int[] places = Arrays.copyOf(half, length);
    for (int i = 0; i < half.length; i++) {
      places[half.length + i] = half.length + half[i];
    }
    return places;
  }
}
