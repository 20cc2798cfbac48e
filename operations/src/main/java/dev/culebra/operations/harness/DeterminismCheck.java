package dev.culebra.operations.harness;

import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.Map;

/** Equal arguments give equal bits: again, and with any number of threads. */
public final class DeterminismCheck {

  private DeterminismCheck() {}

  /** Checks one call on devices that differ in their number of threads, twice on the first. */
  public static <S> void check(
      Operation<S> operation, Kernel<S> kernel, S shape, List<Device> devices, Draw draw) {
    Values drawn = operation.draw(kernel, shape, draw);
    for (Placement.Layout layout : Placement.Layout.values()) {
      DType compute = devices.getFirst().computeType();
      check(new OperationRun<>(kernel, shape, compute, layout, drawn, draw), devices);
    }
  }

  private static <S> void check(OperationRun<S> run, List<Device> devices) {
    Device first = devices.getFirst();
    Map<String, byte[]> once = run.on(first);
    compare(run, once, run.on(first), "a second call");
    for (Device device : devices.subList(1, devices.size())) {
      // Which thread does what differs from call to call.
      for (int i = 0; i < 3; i++) {
        compare(run, once, run.on(device), "the call on " + device.description());
      }
    }
  }

  private static <S> void compare(
      OperationRun<S> run, Map<String, byte[]> once, Map<String, byte[]> again, String what) {
    for (Placement place : run.placements()) {
      byte[] left = once.get(place.argument().name());
      byte[] right = again.get(place.argument().name());
      int cell = place.firstCellChanged(left, right);
      if (cell >= 0) {
        throw new AssertionError(
            Format.text(
                "%s gives other bits: %s is %s, not %s",
                what,
                place.argument().cell(cell),
                place.decode(right)[cell],
                place.decode(left)[cell]));
      }
    }
  }
}
