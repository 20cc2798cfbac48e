package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;

/**
 * What a device does with a tile of contrastive logits, besides matrix products: {@link
 * StreamedLosses} goes from tile to tile.
 *
 * <p>Scores are q_i k_j; logits are exp(t') times that, with t' the {@code logScale}. A masked
 * score is -infinity. All buffers are F32 unless said.
 */
public interface LogitTiles {

  /**
   * Scores of some queries and some keys.
   *
   * @param scores F32; behind the columns, rows go on for up to {@link #ALIGNMENT} values, which
   *     the device may use
   * @param columnScores what keys that look for queries see; the same as {@code scores} unless the
   *     directions are masked differently
   * @param row the first query
   * @param col the first key, a multiple of {@link #ALIGNMENT}
   */
  record Tile(Matrix scores, Matrix columnScores, long row, long col) {

    /** Number of columns whose keys belong to queries; the others are negatives alone. */
    public long positives(long queries) {
      return Math.clamp(queries - col, 0, scores.cols());
    }
  }

  /**
   * The log-sum-exp of rows or of columns, as far as they were seen: the largest logit, and the sum
   * of exp(logit - largest).
   */
  record LogSums(Buffer max, Buffer sum) {}

  /** Rows of tiles start at multiples of this many values. */
  int ALIGNMENT = 16;

  /** The most bytes of logits that are useful at once. */
  long mostBytes();

  /** Workspace memory of undefined content. */
  Buffer scratch(String name, DType type, long length);

  /**
   * Looks at the rules before anything is written: complains of what they hold, if the device can
   * see it, and computes the guide's limit for each of the N positives.
   *
   * @param limit N; null without guide
   */
  void prepare(String operation, Negatives negatives, Buffer limit, long queries, long keys);

  /**
   * Masks the tile's scores.
   *
   * @param guide similarities, which become {@code columnScores} if these are not {@code scores};
   *     null without guide
   */
  void mask(Tile tile, Negatives negatives, Matrix guide, Buffer limit);

  /**
   * Adds a tile to the log-sum-exp of its rows and columns.
   *
   * @param positive N: receives the logits on the diagonal
   * @param columns at least N; null if the loss is one-sided
   */
  void observe(Tile tile, Buffer logScale, Buffer positive, LogSums rows, LogSums columns);

  /**
   * loss_i = lse - positive of row i, or the mean of that of row and column i; the log-sum-exps
   * take the place of the maxima.
   */
  void finish(Buffer loss, Buffer positive, LogSums rows, LogSums columns);

  /**
   * w = scale d sum(loss) / d score, and slope_i += sum over j of d sum(loss) / d logit_ij
   * logit_ij.
   *
   * @param w of the compute type; may be the tile's scores
   * @param rowLse N
   * @param columnLse at least N; null if the loss is one-sided
   */
  void gradient(
      Matrix w,
      Tile tile,
      Buffer logScale,
      Buffer scale,
      Buffer rowLse,
      Buffer columnLse,
      Buffer slope);

  /**
   * Adds the sigmoid losses of a tile's pairs to those of its rows.
   *
   * @param w scale d sum(loss) / d score, of the compute type; may be the tile's scores; null for
   *     no gradient, as are the others
   * @param slope N, added to: d loss_i / d t'
   * @param biasSlope N, added to: d loss_i / d bias
   */
  void sigmoid(
      Matrix w,
      Tile tile,
      Buffer loss,
      Buffer logScale,
      Buffer bias,
      Buffer scale,
      Buffer slope,
      Buffer biasSlope);
}
