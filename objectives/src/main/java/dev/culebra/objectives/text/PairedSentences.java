package dev.culebra.objectives.text;

import dev.culebra.data.random.Mix64;
import dev.culebra.data.random.Permutation;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TokenView;
import dev.culebra.objectives.text.corruption.Documents;
import dev.culebra.objectives.text.corruption.PairRows;
import dev.culebra.objectives.text.corruption.SentencePairs;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Pairs of sentences from stretches of a text, for next sentence and sentence order prediction. A
 * stretch counts as a document, so that a book alone has others to draw from. One thread at a time.
 */
public final class PairedSentences implements Dataset {

  /** A stretch is this many windows long. */
  private static final int WINDOWS = 4;

  private final TokenView tokens;
  private final Function<int[], Text> mark;
  private final SentencePairs pairs;
  private final PairRows rows;
  private final int length;
  private final int count;
  private final boolean shuffled;
  private final long seed;

  /**
   * Pairs from {@code tokens}.
   *
   * @param mark finds words and sentences
   * @param window tokens of a sample
   * @param shuffled whether stretches come in a drawn order, or in the text's
   * @throws BadInputException if the text has fewer than two stretches
   */
  public PairedSentences(
      TokenView tokens,
      Function<int[], Text> mark,
      SentencePairs pairs,
      PairRows rows,
      int window,
      boolean shuffled,
      long seed) {
    this.tokens = tokens;
    this.mark = mark;
    this.pairs = pairs;
    this.rows = rows;
    this.length = Math.multiplyExact(WINDOWS, window);
    this.count = Math.toIntExact(Math.min(Integer.MAX_VALUE, tokens.size() / length));
    this.shuffled = shuffled;
    this.seed = seed;
    if (count < 2) {
      throw new BadInputException(
          Format.text(
              "A text of %s has fewer than two stretches of %d to pair sentences from: give more"
                  + " text or a shorter context",
              Format.count(tokens.size(), "tokens"), length));
    }
  }

  /** How many samples an epoch has. */
  public long count() {
    return count;
  }

  @Override
  public void add(long number, PackedExamples target) {
    long epoch = number / count;
    long place = number % count;
    long index = shuffled ? Permutation.at(count, Mix64.of(seed, epoch), place) : place;
    RandomSource draws = RandomSource.of(seed, rows.drawnIn(epoch), index);
    List<SentencePairs.Pair> found = pairs.pairs(new Stretches(), Math.toIntExact(index), draws);
    target.add(rows.example(found.get(draws.below(found.size())), draws));
  }

  /** The stretches as documents: each the longest part between ends of documents. */
  private final class Stretches implements Documents {
    @Override
    public int count() {
      return count;
    }

    @Override
    public Text text(int index) {
      int[] ids = new int[length];
      tokens.copy((long) index * length, ids, 0, length);
      int from = 0;
      int longest = 0;
      int start = 0;
      for (int i = 0; i <= length; i++) {
        if (i == length || ids[i] == tokens.endOfText()) {
          if (i - start > longest) {
            from = start;
            longest = i - start;
          }
          start = i + 1;
        }
      }
      return mark.apply(Arrays.copyOfRange(ids, from, from + Math.max(1, longest)));
    }
  }
}
