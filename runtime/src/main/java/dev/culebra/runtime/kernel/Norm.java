package dev.culebra.runtime.kernel;

/**
 * A normalisation of rows.
 *
 * @param kind which statistic is normalised
 * @param epsilon added to the variance or mean square
 */
public record Norm(Kind kind, float epsilon) {

  /** Which statistic is normalised. */
  public enum Kind {
    /** (x - mean) / sqrt(variance + epsilon) (Ba et al. 2016, arXiv:1607.06450). */
    LAYER,
    /** x / sqrt(mean square + epsilon) (Zhang and Sennrich 2019, arXiv:1910.07467). */
    RMS
  }
}
