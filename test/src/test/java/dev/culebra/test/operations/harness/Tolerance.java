package dev.culebra.test.operations.harness;

import dev.culebra.runtime.device.DType;

/**
 * How far a device's value may lie from the float64 reference.
 *
 * <p>With u the unit roundoff of the type in which the kernel computes (2^-24 for float32, 2^-9 for
 * bfloat16), k the length of the longest sum behind a value and S the size of the terms,
 *
 * <pre>  |actual - expected| &lt;= (8 u + k 2^-24) S + (8 u + 2 sqrt(k) 2^-24) |expected|</pre>
 *
 * <p>A value passes a handful of roundings of its own, hence 8 u. Sums are taken in float32: their
 * k roundings act on partial sums that are about sqrt(j) S after j terms of either sign, which adds
 * up to k 2^-24 S; for terms of one sign the errors of random direction add up to sqrt(k) 2^-24 of
 * the sum. Arguments are drawn near 1, so S is 1 unless a row knows better.
 *
 * @param steps roundings of a value itself: 8, or 0 if the result is exact
 * @param reduction k
 * @param scale S
 */
public record Tolerance(double steps, double reduction, double scale) {

  /** Values are moved or chosen, never computed. */
  public static final Tolerance EXACT = new Tolerance(0, 0, 0);

  /** Each value is computed by itself. */
  public static final Tolerance POINTWISE = over(0);

  /** Values are sums over {@code reduction} terms. */
  public static Tolerance over(double reduction) {
    return new Tolerance(8, reduction, 1);
  }

  /** The same for terms of size {@code scale} where that is more than 1. */
  public Tolerance scaled(double scale) {
    return new Tolerance(steps, reduction, Math.max(1, scale));
  }

  /** The same for terms that are small where the result is: the distance is relative alone. */
  public Tolerance relative() {
    return new Tolerance(steps, reduction, 0);
  }

  /** The greatest allowed distance from {@code expected} on a device that computes in a type. */
  double allowed(DType compute, double expected) {
    double own = steps * unitRoundoff(compute);
    double sums = unitRoundoff(DType.F32);
    return (own + reduction * sums) * scale
        + (own + 2 * Math.sqrt(reduction) * sums) * Math.abs(expected);
  }

  private static double unitRoundoff(DType type) {
    return switch (type) {
      case F32 -> 0x1p-24;
      case BF16 -> 0x1p-9;
      case I32 -> 0;
    };
  }
}
