package dev.culebra.runtime.kernel;

/**
 * Options of a contrastive loss (InfoNCE; van den Oord et al. 2018, arXiv:1807.03748).
 *
 * @param symmetric whether the loss is the mean of both directions, as in CLIP (Radford et al.
 *     2021, arXiv:2103.00020), or that of queries looking for their keys alone
 * @param budget bytes of float32 logits that may exist at once; it decides the rounding of sums,
 *     but nothing else
 */
public record Contrast(boolean symmetric, long budget) {

  /** The usual budget: 64 MiB. A device may stay below it. */
  public static final long BUDGET = 64L << 20;

  /** Queries look for keys. */
  public static final Contrast ONE_SIDED = new Contrast(false, BUDGET);

  /** Queries look for keys, and keys for queries. */
  public static final Contrast SYMMETRIC = new Contrast(true, BUDGET);

  /** Checks the budget. */
  public Contrast {
    requireBudget(budget);
  }

  static void requireBudget(long budget) {
    if (budget < 1) {
      throw new IllegalArgumentException(
          "the budget for logits must be a positive number of bytes, not " + budget);
    }
  }
}
