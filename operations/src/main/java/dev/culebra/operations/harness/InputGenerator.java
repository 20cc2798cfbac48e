package dev.culebra.operations.harness;

import java.util.List;

/** Draws the values of one argument. */
@FunctionalInterface
public interface InputGenerator {

  /** The value of one element. */
  double next(Draw draw, int index);

  /** All {@code count} values. */
  default double[] draw(Draw draw, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = next(draw, i);
    }
    return values;
  }

  /** Standard normal: what activations, weights and gradients look like. */
  static InputGenerator normal() {
    return (draw, i) -> draw.normal();
  }

  /** Normal with the given mean and deviation. */
  static InputGenerator normal(double mean, double deviation) {
    return (draw, i) -> mean + deviation * draw.normal();
  }

  /** Squares of normal values: what second moments look like. */
  static InputGenerator squares() {
    return (draw, i) -> {
      double value = draw.normal();
      return value * value;
    };
  }

  /** Values of {@code base}, a given share of which is replaced by infinities and NaN. */
  static InputGenerator poisoned(double share, InputGenerator base) {
    List<Double> poison = List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    return (draw, i) -> draw.chance(share) ? draw.one(poison) : base.next(draw, i);
  }

  /** One value everywhere. */
  static InputGenerator constant(double value) {
    return (draw, i) -> value;
  }

  /** The given values. */
  static InputGenerator values(double... values) {
    return (draw, i) -> values[i];
  }

  /** Indices from 0 to {@code count - 1}, a given share of which is replaced by {@code none}. */
  static InputGenerator ids(int count, double share, int none) {
    return (draw, i) -> draw.chance(share) ? none : draw.between(0, count - 1);
  }

  /** Pairs of cosine and sine of random angles. */
  static InputGenerator turns() {
    return new InputGenerator() {
      @Override
      public double next(Draw draw, int index) {
        throw new UnsupportedOperationException("cosines and sines are drawn in pairs");
      }

      @Override
      public double[] draw(Draw draw, int count) {
        double[] values = new double[count];
        for (int i = 0; i + 1 < count; i += 2) {
          double angle = 10 * draw.normal();
          values[i] = Math.cos(angle);
          values[i + 1] = Math.sin(angle);
        }
        return values;
      }
    };
  }
}
