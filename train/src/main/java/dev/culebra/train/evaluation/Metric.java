package dev.culebra.train.evaluation;

import java.util.List;

/**
 * A figure of a model, and what baselines reach by the same measure.
 *
 * @param name as in {@code --json}, such as {@code masked_accuracy}
 * @param value the model's; NaN if it is not known
 * @param form how people read it
 * @param higherIsBetter whether more is better
 * @param baselines the strongest first; none where there is nothing to set beside it
 */
public record Metric(
    String name, double value, Form form, boolean higherIsBetter, List<Baseline> baselines) {

  /** How a figure is written. */
  public enum Form {
    /** A loss, in nat. */
    NAT,
    /** A share of a whole, as percent. */
    SHARE,
    /** A plain number. */
    NUMBER
  }

  /** What a baseline reaches. */
  public record Baseline(String name, double value) {}

  /** A figure of which less is better. */
  public static Metric loss(String name, double value, Baseline... baselines) {
    return new Metric(name, value, Form.NAT, false, List.of(baselines));
  }

  /** A share of which more is better. */
  public static Metric share(String name, double value, Baseline... baselines) {
    return new Metric(name, value, Form.SHARE, true, List.of(baselines));
  }

  /** A plain number. */
  public static Metric number(
      String name, double value, boolean higherIsBetter, Baseline... baselines) {
    return new Metric(name, value, Form.NUMBER, higherIsBetter, List.of(baselines));
  }

  /** Whether a baseline reaches the best value there is, so that the figure tells nothing. */
  public boolean given() {
    double best = form == Form.SHARE ? 1 : higherIsBetter ? Double.POSITIVE_INFINITY : 0;
    return baselines.stream().anyMatch(baseline -> baseline.value() == best);
  }

  /** Whether the model is worse than every baseline: than knowing nothing. */
  public boolean worseThanNothing() {
    return !baselines.isEmpty()
        && baselines.stream().allMatch(b -> higherIsBetter ? value < b.value() : value > b.value());
  }

  /**
   * How much better the model is than its strongest baseline; negative if it is worse.
   *
   * @throws IllegalStateException if there is no baseline
   */
  public double margin() {
    if (baselines.isEmpty()) {
      throw new IllegalStateException(name + " has no baseline");
    }
    double ahead = value - baselines.getFirst().value();
    return higherIsBetter ? ahead : -ahead;
  }
}
