package dev.culebra.operations.harness;

import dev.culebra.runtime.device.DType;

/**
 * How far a device's value may lie from the float64 reference.
 *
 * <p>Devices compute in float32, whose unit roundoff is e = 2^-24, and round what they store to
 * their compute type: E is 0 for float32, 2^-8 for bfloat16. With k the length of the longest sum
 * behind a value and S the size of its terms,
 *
 * <pre>
 *   |actual - expected| &lt;= (16 e + 2 E) (S + |expected|) + 4 k e S + 2 sqrt(k) e |expected|
 * </pre>
 *
 * <p>A value passes a dozen roundings of its own, hence 16 e, and one or two stores, hence 2 E. The
 * k roundings of a sum act on partial sums, which after j terms of either sign are about sqrt(j) S:
 * together k e S, and 4 times that in the worst of many cells. Of terms of one sign, the errors of
 * random direction add up to sqrt(k) e of the sum. Arguments are drawn near 1, so S is 1 unless a
 * row knows better.
 *
 * <p>Where the terms of a sum are rounded to the compute type before a matrix instruction adds
 * them, n of them of size S, 2 E sqrt(n) S more is allowed.
 *
 * @param roundings 1 for a computed value, 0 for one that is only moved or chosen
 * @param reduction k
 * @param scale S
 * @param roundedTerms n
 */
public record Tolerance(double roundings, double reduction, double scale, double roundedTerms) {

  /** Values are moved or chosen, never computed. */
  public static final Tolerance EXACT = new Tolerance(0, 0, 0, 0);

  /** Each value is computed by itself. */
  public static final Tolerance POINTWISE = over(0);

  private static final double F32 = 0x1p-24;
  private static final double BF16 = 0x1p-8;

  /** Values are sums over {@code reduction} terms. */
  public static Tolerance over(double reduction) {
    return new Tolerance(1, reduction, 1, 0);
  }

  /** The same for terms of size {@code scale} where that is more than 1. */
  public Tolerance scaled(double scale) {
    return new Tolerance(roundings, reduction, Math.max(1, scale), roundedTerms);
  }

  /** The same for terms that are small where the result is: the distance is relative alone. */
  public Tolerance relative() {
    return new Tolerance(roundings, reduction, 0, roundedTerms);
  }

  /** The same where {@code count} terms are rounded to the compute type before they are added. */
  public Tolerance ofRoundedTerms(double count) {
    return new Tolerance(roundings, reduction, scale, count);
  }

  /** The greatest allowed distance from {@code expected} on a device that computes in a type. */
  double allowed(DType compute, double expected) {
    double size = Math.abs(expected);
    double store = compute == DType.BF16 ? 2 * BF16 : 0;
    double own = roundings * (16 * F32 + store);
    return own * (scale + size)
        + store * Math.sqrt(roundedTerms) * scale
        + 4 * reduction * F32 * scale
        + 2 * Math.sqrt(reduction) * F32 * size;
  }
}
