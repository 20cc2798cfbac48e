package dev.culebra.operations.harness;

import dev.culebra.runtime.text.Format;
import java.util.List;

/**
 * The reference's gradient is the derivative of the reference: it agrees with central differences
 * of the forward kernel, all in float64, to 1e-5.
 *
 * <p>The differentiated function is the sum of all results, each weighted by the gradient that
 * arrives at it. Differences are taken over five points, whose error is of fourth order in the
 * step. A gradient counts as no smaller than a thousandth of its array's largest, nor than 1e-4:
 * below that, differences are rounding.
 */
public final class GradientCheck {

  private static final double STEP = 1e-4;
  private static final double RELATIVE = 1e-5;
  private static final int SAMPLES = 12;

  private GradientCheck() {}

  /** Checks the gradients of one call; of large arguments, a sample of their cells. */
  public static <S> void check(Operation<S> operation, Gradient<S> gradient, S shape, Draw draw) {
    Kernel<S> forward = operation.forward();
    Values given = forward.draw(shape, draw, new Values());
    Values left = given.copy();
    forward.reference().run(shape, left);

    Kernel<S> backward = gradient.backward();
    Values before = backward.draw(shape, draw, left);
    Values after = before.copy();
    backward.reference().run(shape, after);

    List<Argument> arguments = forward.arguments().apply(shape);
    requireArrivals(gradient, arguments, before, operation);
    for (Argument argument : arguments) {
      if (argument.differentiable()) {
        String name = gradient.nameOf(argument.name(), shape);
        double[] computed = computed(backward, shape, name, before, after);
        compare(
            argument,
            computed,
            draw,
            cell -> difference(operation, gradient, shape, given, before, argument, cell));
      }
    }
  }

  /** What the backward kernel says; what was there before it added to it does not count. */
  private static <S> double[] computed(
      Kernel<S> backward, S shape, String name, Values before, Values after) {
    Argument argument =
        backward.arguments().apply(shape).stream()
            .filter(a -> a.name().equals(name))
            .findFirst()
            .orElseThrow(
                () -> new AssertionError(backward.title() + " gives no gradient '" + name + "'"));
    double[] computed = after.get(name).clone();
    if (argument.role() == Argument.Role.ADDED) {
      for (int i = 0; i < computed.length; i++) {
        computed[i] -= before.get(name)[i];
      }
    }
    return computed;
  }

  private interface Difference {
    double at(int cell);
  }

  private static void compare(
      Argument argument, double[] computed, Draw draw, Difference difference) {
    double largest = 0;
    for (double value : computed) {
      largest = Math.max(largest, Math.abs(value));
    }
    boolean all = argument.count() <= SAMPLES;
    for (int i = 0; i < Math.min(argument.count(), SAMPLES); i++) {
      int cell = all ? i : draw.between(0, argument.count() - 1);
      double expected = difference.at(cell);
      double size = Math.max(Math.abs(expected), Math.max(1e-3 * largest, 1e-4));
      if (!(Math.abs(computed[cell] - expected) <= RELATIVE * size)) {
        throw new AssertionError(
            Format.text(
                "the reference's gradient of %s is %s, but differences give %s",
                argument.cell(cell), computed[cell], expected));
      }
    }
  }

  /** The derivative with respect to one cell: (8 (f1 - f-1) - (f2 - f-2)) / 12 h. */
  private static <S> double difference(
      Operation<S> operation,
      Gradient<S> gradient,
      S shape,
      Values given,
      Values before,
      Argument argument,
      int cell) {
    Values[] left = new Values[5];
    for (int i : new int[] {-2, -1, 1, 2}) {
      left[i + 2] = given.copy();
      left[i + 2].get(argument.name())[cell] += i * STEP;
      operation.forward().reference().run(shape, left[i + 2]);
    }
    double sum = 0;
    for (Argument output : operation.forward().arguments().apply(shape)) {
      String name = output.name();
      if (output.role() == Argument.Role.INPUT
          || !output.present()
          || !gradient.arrivesAt(name, before)) {
        continue;
      }
      for (int i = 0; i < output.count(); i++) {
        double near = left[3].get(name)[i] - left[1].get(name)[i];
        double far = left[4].get(name)[i] - left[0].get(name)[i];
        sum += gradient.arrivingAt(name, i, before) * (8 * near - far);
      }
    }
    return sum / (12 * STEP);
  }

  private static <S> void requireArrivals(
      Gradient<S> gradient, List<Argument> arguments, Values before, Operation<S> operation) {
    boolean any =
        arguments.stream()
            .filter(a -> a.role() != Argument.Role.INPUT)
            .anyMatch(a -> gradient.arrivesAt(a.name(), before));
    if (!any) {
      throw new AssertionError("no gradient arrives at any result of " + operation.name());
    }
  }
}
