package dev.culebra.operations.harness;

import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import java.util.Map;

/**
 * A device's results are the reference's up to the kernel's tolerance; its inputs and everything
 * around its arguments keep every bit.
 */
public final class ParityCheck {

  private ParityCheck() {}

  /** Checks one call, dense and strided. */
  public static <S> void check(
      Operation<S> operation, Kernel<S> kernel, S shape, Device device, Draw draw) {
    Values drawn = operation.draw(kernel, shape, draw);
    for (Placement.Layout layout : Placement.Layout.values()) {
      check(
          new OperationRun<>(kernel, shape, device.computeType(), layout, drawn, draw),
          kernel,
          shape,
          device);
    }
  }

  private static <S> void check(OperationRun<S> run, Kernel<S> kernel, S shape, Device device) {
    Values expected = run.rounded();
    kernel.reference().run(shape, expected);
    Tolerance tolerance = kernel.tolerance().apply(shape, expected);
    Map<String, byte[]> after = run.on(device);
    for (Placement place : run.placements()) {
      Argument argument = place.argument();
      byte[] image = after.get(argument.name());
      int touched = place.firstCanaryTouched(run.before(place), image);
      if (touched >= 0) {
        throw new AssertionError(
            "element " + touched + " outside the cells of " + place + " was written");
      }
      if (argument.role() == Argument.Role.INPUT) {
        requireUnchanged(place, run.before(place), image);
      } else {
        double[] wanted = place.decode(place.encode(expected.get(argument.name())));
        compare(place, wanted, place.decode(image), tolerance, device.computeType());
      }
    }
  }

  private static void requireUnchanged(Placement place, byte[] before, byte[] after) {
    int changed = place.firstCellChanged(before, after);
    if (changed >= 0) {
      throw new AssertionError("the input " + place.argument().cell(changed) + " was changed");
    }
  }

  private static void compare(
      Placement place, double[] expected, double[] actual, Tolerance tolerance, DType compute) {
    int worst = -1;
    double excess = 1;
    for (int i = 0; i < expected.length; i++) {
      if (Double.compare(expected[i], actual[i]) == 0 || expected[i] == actual[i]) {
        continue;
      }
      double ratio = Math.abs(actual[i] - expected[i]) / tolerance.allowed(compute, expected[i]);
      if (!(ratio <= excess)) {
        worst = i;
        excess = Double.isNaN(ratio) ? Double.POSITIVE_INFINITY : ratio;
      }
    }
    if (worst >= 0) {
      throw new AssertionError(
          Format.text(
              "%s is %s instead of %s; allowed is a distance of %.3g (%s)",
              place.argument().cell(worst),
              actual[worst],
              expected[worst],
              tolerance.allowed(compute, expected[worst]),
              place));
    }
  }
}
