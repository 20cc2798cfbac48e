package dev.culebra.train.evaluation;

/**
 * Every token as likely as it is frequent, whatever came before, with add-one smoothing:
 *
 * <pre>{@code p(w) = (c(w) + 1) / (N + V)}</pre>
 *
 * <p>where c(w) counts w among the N labels of the training text and V is the size of the
 * vocabulary.
 */
public final class UnigramBaseline implements Baseline {
  private final PairCounts counts;

  /** The model of a training text. */
  public UnigramBaseline(PairCounts counts) {
    this.counts = counts;
  }

  @Override
  public double probability(int context, int label) {
    return (counts.labelCount(label) + 1.0) / (counts.total() + counts.vocabularySize());
  }
}
