package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Text infilling as the BART example of transformers does it ({@code span_mask_tokens} of {@code
 * run_bart_dlm_flax.py}): spans of length 0 are dropped, the number of spans is where their lengths
 * come nearest to the budget, and hidden tokens side by side share one mask.
 */
final class MergedInfilling {

  private MergedInfilling() {}

  /** Hides about the share {@code noise.mask()} of a text's tokens. */
  static Noised hide(Noised source, Denoise noise, SpecialTokens specials, RandomSource draws) {
    int tokens = source.length() - 2;
    int budget = (int) Math.ceil(tokens * noise.mask());
    if (budget == 0) {
      return source;
    }
    int[] lengths = spanLengths(budget, Probabilities.poisson(noise.meanSpan()), draws);
    int[] starts = draws.distinct(tokens, Math.min(lengths.length, tokens));
    BitSet hidden = new BitSet();
    for (int s = 0; s < starts.length; s++) {
      int start = starts[s] + 1;
      hidden.set(start, Math.min(start + lengths[s], source.length() - 1));
    }
    Noised masked = source.copy();
    hidden.stream().forEach(row -> masked.hide(row, specials.id(Special.MASK)));
    return masked.select(
        IntStream.range(0, source.length())
            .filter(row -> !hidden.get(row) || !hidden.get(row - 1))
            .toArray());
  }

  /** Positive lengths whose sum comes nearest to the budget; of equally near sums the smaller. */
  private static int[] spanLengths(int budget, Probabilities poisson, RandomSource draws) {
    int[] lengths = new int[budget + 1];
    int count = 0;
    int sum = 0;
    while (sum < budget) {
      int length = draws.pick(poisson);
      if (length > 0) {
        lengths[count++] = length;
        sum += length;
      }
    }
    int before = sum - lengths[count - 1];
    boolean earlier = count > 1 && budget - before <= sum - budget;
    return Arrays.copyOf(lengths, earlier ? count - 1 : count);
  }
}
