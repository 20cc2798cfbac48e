package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Text;
import dev.culebra.runtime.BadInputException;

/** What an objective does to one text. Implementations hold no state and may be shared. */
public interface Corruption {

  /** The fewest tokens that a text must have; shorter ones are to be left out or joined. */
  int minimum();

  /**
   * The corrupted sample of a text.
   *
   * @throws BadInputException if the text is shorter than {@link #minimum}, or the vocabulary lacks
   *     a special token that is needed
   */
  Example corrupt(Text text, RandomSource draws);

  /** How many sentinels the sample of a text of so many tokens may need. */
  default int sentinels(int tokens) {
    return 0;
  }

  /** The epoch whose draws an epoch uses: itself, unless samples are drawn a few times for good. */
  default long drawnIn(long epoch) {
    return epoch;
  }

  /** The sample of a text: a pure function of its arguments. */
  default Example sample(Text text, long seed, long epoch, long index) {
    return corrupt(text, RandomSource.of(seed, drawnIn(epoch), index));
  }
}
