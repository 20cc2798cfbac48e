package dev.culebra.train.evaluation;

import dev.culebra.data.token.PairMap;

/**
 * Each token by the one before it: absolute discounting, interpolated with {@link UnigramBaseline}
 * (Ney, Essen and Kneser 1994):
 *
 * <pre>{@code
 * p(w|v) = max(c(v,w) - D, 0) / c(v)  +  D * n(v) / c(v) * p(w)
 * D      = n1 / (n1 + 2 n2)
 * }</pre>
 *
 * <p>c(v,w) counts w after v, c(v) anything after v, n(v) the different tokens after v; n1 and n2
 * are the numbers of pairs that occur once and twice. After a v that was never followed by
 * anything, {@code p(w|v) = p(w)}. Where no pair occurs once, D is 1/2, so that nothing is
 * impossible.
 */
public final class BigramBaseline implements Baseline {
  private static final double DEFAULT_DISCOUNT = 0.5;

  private final PairCounts counts;
  private final UnigramBaseline unigram;
  private final double discount;

  /** The model of a training text. */
  public BigramBaseline(PairCounts counts) {
    this.counts = counts;
    this.unigram = new UnigramBaseline(counts);
    double once = counts.pairsSeen(1);
    double twice = counts.pairsSeen(2);
    this.discount = once == 0 ? DEFAULT_DISCOUNT : once / (once + 2 * twice);
  }

  /** D. */
  public double discount() {
    return discount;
  }

  @Override
  public double probability(int context, int label) {
    double backoff = unigram.probability(context, label);
    double seen = counts.contextCount(context);
    if (seen == 0) {
      return backoff;
    }
    double kept = Math.max(counts.count(PairMap.pair(context, label)) - discount, 0) / seen;
    return kept + discount * counts.followers(context) / seen * backoff;
  }
}
