package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.Denoise.Replacement;
import dev.culebra.objectives.text.corruption.Denoise.Unit;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Hides words of a noised text: {@code add_whole_word_mask} and {@code add_insertion_noise} of
 * fairseq's {@code DenoisingDataset}, with their published behaviour in corner cases: a span that
 * begins inside another one vanishes, no span passes the end token, and the number of inserted
 * masks passes through a ratio, whose rounding can add one.
 */
final class Infilling {
  private final Denoise noise;
  private final SpecialTokens specials;
  private final RandomSource draws;

  Infilling(Denoise noise, SpecialTokens specials, RandomSource draws) {
    this.noise = noise;
    this.specials = specials;
    this.draws = draws;
  }

  /** Hides the share {@link Denoise#mask} of a text's words. */
  Noised hide(Noised source, Text text) {
    BitSet wordStarts = wordStarts(source, text);
    int[] starts = wordStarts.stream().toArray();
    int budget = (int) Math.ceil((float) starts.length * (float) noise.mask());
    if (budget == 0) {
      return source;
    }
    int[] drawn = noise.unit() == Unit.SPAN ? spanLengths(budget) : ones(budget);
    int[] lengths = Arrays.stream(drawn).filter(length -> length > 0).toArray();
    int inserts = drawn.length - lengths.length;
    if (lengths.length == 0) {
      return insert(source, (double) inserts / source.length());
    }
    int[] chosen = draws.distinct(starts.length, lengths.length);
    Noised masked = source.copy();
    BitSet deleted = new BitSet();
    for (int s = 0; s < lengths.length; s++) {
      boolean random = noise.random() > 0 && draws.chance(noise.random());
      int end = end(starts[chosen[s]], lengths[s], wordStarts);
      cover(masked, starts[chosen[s]], end, random, deleted);
    }
    int[] kept = IntStream.range(0, source.length()).filter(row -> !deleted.get(row)).toArray();
    Noised cut = masked.select(kept);
    return inserts == 0 ? cut : insert(cut, (double) inserts / cut.length());
  }

  /** Inserts {@code ceil(length * share)} masks between the first and the last row. */
  Noised insert(Noised source, double share) {
    int n = (int) Math.ceil(source.length() * share);
    int[] places = draws.distinct(source.length() + n - 2, n);
    int random = (int) Math.ceil(n * noise.random());
    int[] ids = new int[source.length() + n];
    int[] origins = new int[ids.length];
    Arrays.fill(ids, -1);
    for (int i = 0; i < n; i++) {
      ids[places[i] + 1] = i < random ? randomId() : specials.id(Special.MASK);
      origins[places[i] + 1] = Sequence.NOWHERE;
    }
    int next = 0;
    for (int row = 0; row < ids.length; row++) {
      if (ids[row] < 0) {
        ids[row] = source.id(next);
        origins[row] = source.origin(next++);
      }
    }
    return new Noised(ids, origins);
  }

  private BitSet wordStarts(Noised source, Text text) {
    BitSet starts = new BitSet();
    for (int row = 1; row < source.length() - 1; row++) {
      starts.set(row, noise.unit() == Unit.TOKEN || text.startsWord(source.origin(row)));
    }
    return starts;
  }

  private static int[] ones(int count) {
    int[] lengths = new int[count];
    Arrays.fill(lengths, 1);
    return lengths;
  }

  /** Draws span lengths until they sum to the budget; the last one is cut to it. */
  private int[] spanLengths(int budget) {
    Probabilities poisson = Probabilities.poisson(noise.meanSpan());
    int[] lengths = new int[budget];
    int count = 0;
    int sum = 0;
    while (sum < budget) {
      if (count == lengths.length) {
        lengths = Arrays.copyOf(lengths, Math.addExact(count, budget));
      }
      lengths[count] = Math.min(draws.pick(poisson), budget - sum);
      sum += lengths[count++];
    }
    return Arrays.copyOf(lengths, count);
  }

  /** One past the last row of {@code words} words from {@code start}; the last row stays free. */
  private static int end(int start, int words, BitSet wordStarts) {
    int end = start;
    for (int word = 0; word < words && end >= 0; word++) {
      end = wordStarts.nextSetBit(end + 1);
    }
    return end;
  }

  private void cover(Noised masked, int start, int end, boolean random, BitSet deleted) {
    int last = end < 0 ? masked.length() - 1 : end;
    for (int row = start; row < last; row++) {
      boolean shows =
          noise.replacement() == Replacement.MASK_EACH
              || (row == start && noise.replacement() == Replacement.ONE_MASK);
      if (shows) {
        masked.hide(row, random ? randomId() : specials.id(Special.MASK));
      } else {
        deleted.set(row);
      }
    }
  }

  private int randomId() {
    return specials.word(draws.below(specials.words()));
  }
}
