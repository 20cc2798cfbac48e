package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;

/**
 * Which pairs of a contrastive loss are no negatives, though they are not the positive pair: each
 * rule is evaluated where the pair's logit is, and none is ever a matrix of all pairs.
 *
 * <p>The diagonal, which holds the positives, is never masked. A pair that groups or exceptions
 * mask takes part in neither direction. The guide is asked in each direction by itself.
 *
 * @param groups pairs of one group are masked; or null
 * @param guide pairs that another model finds too similar are masked; or null
 * @param exceptions listed pairs are masked; or null
 */
public record Negatives(Groups groups, Guide guide, Exceptions exceptions) {

  /** All other pairs are negatives. */
  public static final Negatives ALL = new Negatives(null, null, null);

  /** A group number of a row that belongs to none. */
  public static final int NO_GROUP = -1;

  /** Whether there is no rule. */
  public boolean all() {
    return groups == null && guide == null && exceptions == null;
  }

  /**
   * Pairs whose members have the same group number, such as captions of one image, are masked.
   *
   * @param queries I32, N values of at least {@link #NO_GROUP}
   * @param keys I32, M values likewise
   */
  public record Groups(Buffer queries, Buffer keys) {}

  /**
   * Masks a pair whose guide similarity s(i, j), a dot product of rows, exceeds the limit of the
   * direction's own positive (GISTEmbed; Solatorio 2024, arXiv:2402.16829). With p = s(i, i) for a
   * query that looks for keys and s(j, j) for a key that looks for queries, the limit is p -
   * margin, or p - |p| margin if that is relative. A similarity that equals the limit up to
   * rounding may fall on either side.
   *
   * @param queries N x G, usually of unit length
   * @param keys M x G
   */
  public record Guide(Matrix queries, Matrix keys, float margin, boolean relative) {

    /** Checks the margin. */
    public Guide {
      if (!Float.isFinite(margin)) {
        throw new IllegalArgumentException("the guide's margin must be finite, not " + margin);
      }
    }
  }

  /**
   * A sparse list of pairs, those of query i at {@code rowStart[i]} to {@code rowStart[i + 1]}.
   *
   * @param rowStart I32, N + 1, not decreasing from 0 on
   * @param column I32, at least {@code rowStart[N]} values in 0..M-1, sorted within each query
   */
  public record Exceptions(Buffer rowStart, Buffer column) {}
}
