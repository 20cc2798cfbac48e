package dev.culebra.objectives.batch;

import dev.culebra.objectives.corruption.Draws;
import dev.culebra.objectives.corruption.Weights;
import java.util.List;

/** Samples that come from several places. */
public final class Samplings {

  /** Keeps these draws apart from those of the samples. */
  private static final long MIXTURE = 0x4d49_5854L;

  private Samplings() {}

  /** Samples of several sources in fixed proportions, without chance: see {@link Blend}. */
  public static Sampling blended(List<Sampling> sources, double... weights) {
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
  public static Sampling inTurn(List<Sampling> sources, long... counts) {
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
  public static Sampling mixed(List<Sampling> parts, Weights weights, int together, long seed) {
    return (number, target) ->
        parts.get(Draws.of(seed, MIXTURE, number / together).pick(weights)).add(number, target);
  }
}
