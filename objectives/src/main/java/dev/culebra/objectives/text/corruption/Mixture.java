package dev.culebra.objectives.text.corruption;

import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.Text;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;

/** One of several corruptions, drawn for each sample. */
public final class Mixture implements Corruption {
  private final List<Corruption> parts;
  private final Probabilities weights;

  /**
   * A mixture.
   *
   * @throws BadInputException if there is not one weight per part
   */
  public Mixture(List<? extends Corruption> parts, Probabilities weights) {
    if (parts.size() != weights.size()) {
      throw new BadInputException(
          Format.text(
              "A mixture of %d objectives has %d weights: give one for each",
              parts.size(), weights.size()));
    }
    this.parts = List.copyOf(parts);
    this.weights = weights;
  }

  /** The same parts in other proportions. */
  public Mixture withWeights(Probabilities others) {
    return new Mixture(parts, others);
  }

  /** The most that any part needs. */
  @Override
  public int sentinels(int tokens) {
    return parts.stream().mapToInt(part -> part.sentinels(tokens)).max().orElseThrow();
  }

  /** The most that any part needs, so that the drawn shares do not depend on the text. */
  @Override
  public int minimum() {
    return parts.stream().mapToInt(Corruption::minimum).max().orElseThrow();
  }

  @Override
  public Example corrupt(Text text, RandomSource draws) {
    return parts.get(draws.pick(weights)).corrupt(text, draws);
  }
}
