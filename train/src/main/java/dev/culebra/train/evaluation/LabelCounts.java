package dev.culebra.train.evaluation;

import dev.culebra.data.batch.Batch;
import java.util.function.IntPredicate;

/**
 * How often each token is asked for: every label as likely as it is frequent, with add-one
 * smoothing, whatever the input.
 */
public final class LabelCounts {
  private final long[] counts;
  private long total;

  /** No label yet, of a vocabulary of that size. */
  public LabelCounts(int vocabulary) {
    this.counts = new long[vocabulary];
  }

  /** Counts the labels of a batch. */
  public void add(Batch batch) {
    for (int i = 0; i < batch.labelCount(); i++) {
      counts[batch.labels()[batch.labelPositions()[i]]]++;
      total++;
    }
  }

  /** (count + 1) / (all + vocabulary). */
  public double probability(int label) {
    return (counts[label] + 1.0) / (total + counts.length);
  }

  /** The label that is asked for most often. */
  public int mostFrequent() {
    return mostFrequent(_ -> true);
  }

  /** The label that is asked for most often among some; -1 if there is none of them. */
  public int mostFrequent(IntPredicate among) {
    int best = -1;
    for (int i = 0; i < counts.length; i++) {
      best = among.test(i) && (best < 0 || counts[i] > counts[best]) ? i : best;
    }
    return best;
  }
}
