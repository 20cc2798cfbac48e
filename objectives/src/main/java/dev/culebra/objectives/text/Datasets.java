package dev.culebra.objectives.text;

import dev.culebra.data.batch.Blend;
import dev.culebra.data.batch.BlendOrder;
import dev.culebra.data.random.Probabilities;
import dev.culebra.data.random.RandomSource;
import java.util.List;

/** Samples that come from several places. */
public final class Datasets {

  /** Keeps these draws apart from those of the samples. */
  private static final long MIXTURE = 0x4d49_5854L;

  private Datasets() {}

  /** Samples of several sources in fixed proportions, without chance: see {@link Blend}. */
  public static Dataset blended(List<Dataset> sources, double... weights) {
    BlendOrder order = new BlendOrder(weights);
    return (number, target) -> {
      Blend.Pick pick = order.at(number);
      sources.get(pick.source()).add(pick.index(), target);
    };
  }

  /**
   * Samples of several sources, one source after the other.
   *
   * @param counts how many samples each source has
   */
  public static Dataset inTurn(List<Dataset> sources, long... counts) {
    return (number, target) -> {
      int source = 0;
      long place = number;
      while (place >= counts[source]) {
        place -= counts[source++];
      }
      sources.get(source).add(place, target);
    };
  }

  /**
   * Samples of several objectives. Sample n is what the drawn objective makes of its sample n, so
   * that an objective sees the text in its usual order, with gaps.
   *
   * @param together how many samples in a row share a draw: 1, or those of a micro-batch
   */
  public static Dataset mixed(List<Dataset> parts, Probabilities weights, int together, long seed) {
    return (number, target) ->
        parts
            .get(RandomSource.of(seed, MIXTURE, number / together).pick(weights))
            .add(number, target);
  }
}
