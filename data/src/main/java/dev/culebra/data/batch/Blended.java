package dev.culebra.data.batch;

import dev.culebra.data.random.Mix64;
import dev.culebra.data.random.Permutation;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Rows to train on, of one source or of several in fixed proportions: see {@link Blend}. Each
 * source is gone through again and again, in an order that is drawn anew each time.
 *
 * @param <T> a row
 */
public final class Blended<T> {
  private final List<List<T>> sources;
  private final double[] weights;

  /**
   * Some sources.
   *
   * @param sources none of them empty
   * @param weights their proportions, which need not sum to 1
   */
  public Blended(List<List<T>> sources, double... weights) {
    if (sources.size() != weights.length || sources.stream().anyMatch(List::isEmpty)) {
      throw new IllegalArgumentException(
          Format.text(
              "%d weights for %d sources, or an empty one", weights.length, sources.size()));
    }
    this.sources = List.copyOf(sources);
    this.weights = weights.clone();
  }

  /** One source. */
  public static <T> Blended<T> of(List<T> rows) {
    return new Blended<>(List.of(rows), 1);
  }

  /** How many rows all sources have. */
  public int size() {
    return sources.stream().mapToInt(List::size).reduce(0, Math::addExact);
  }

  /** The row of each number from 0; one thread at a time. */
  public LongFunction<T> order(long seed) {
    BlendOrder order = new BlendOrder(weights);
    return number -> {
      Blend.Pick pick = order.at(number);
      List<T> rows = sources.get(pick.source());
      long epoch = Mix64.of(seed(seed, pick.source()), pick.index() / rows.size());
      long place = pick.index() % rows.size();
      return rows.get(Math.toIntExact(Permutation.at(rows.size(), epoch, place)));
    };
  }

  /** The seed of a source's orders: the first one's is the run's. */
  public static long seed(long seed, int source) {
    return source == 0 ? seed : Mix64.of(seed, source);
  }
}
