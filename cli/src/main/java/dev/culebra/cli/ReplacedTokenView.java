package dev.culebra.cli;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Text;
import dev.culebra.objectives.text.corruption.Sequence;

/**
 * What ELECTRA's discriminator reads, and is asked of every token: 1 for one that was replaced.
 *
 * <p>In training the fills are drawn from what the generator says. Here words of the text itself
 * stand for it; a fill that is the hidden word again counts as not replaced, as in the paper.
 *
 * @param ids what it reads
 * @param labels what it is asked
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record ReplacedTokenView(int[] ids, int[] labels) {

  /** Fills a generator's masks. */
  static ReplacedTokenView of(Sequence masked, Text text, long seed) {
    RandomSource draws = RandomSource.of(seed, 1, 0);
    int[] ids = masked.ids().clone();
    int[] labels = new int[ids.length];
    for (int row = 0; row < ids.length; row++) {
      int hidden = masked.label(row);
      if (hidden != Sequence.IGNORE) {
        ids[row] = text.tokens()[draws.below(text.length())];
        labels[row] = ids[row] == hidden ? 0 : 1;
      }
    }
    return new ReplacedTokenView(ids, labels);
  }
}
