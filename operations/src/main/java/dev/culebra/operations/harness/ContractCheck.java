package dev.culebra.operations.harness;

import dev.culebra.runtime.device.Device;
import java.util.Locale;

/**
 * A call whose sizes do not fit together is refused by an {@link IllegalArgumentException} that
 * names the operation, and writes nothing.
 *
 * <p>Every argument in turn loses a row and a column, unless nothing else says how many it has.
 * Compositions of several operations are left out: each of these has a row of its own.
 */
public final class ContractCheck {

  private ContractCheck() {}

  /** Checks all calls that are one row or column short of {@code shape}. */
  public static <S> void check(
      Operation<S> operation, Kernel<S> kernel, S shape, Device device, Draw draw) {
    Values drawn = operation.draw(kernel, shape, draw);
    OperationRun<S> run =
        new OperationRun<>(
            kernel, shape, device.computeType(), Placement.Layout.STRIDED, drawn, draw);
    for (Placement place : run.placements()) {
      Argument argument = place.argument();
      if (argument.count() == 0) {
        continue;
      }
      if (argument.strided() && !argument.freeRows()) {
        refused(run, kernel, device, argument, Buffers.Cut.ROW);
      }
      if (!argument.freeCols()) {
        refused(run, kernel, device, argument, Buffers.Cut.COLUMN);
      }
    }
  }

  private static <S> void refused(
      OperationRun<S> run, Kernel<S> kernel, Device device, Argument argument, Buffers.Cut cut) {
    String call =
        kernel.title()
            + " with a "
            + cut.name().toLowerCase(Locale.ROOT)
            + " less of "
            + argument.name();
    OperationRun.Refusal refusal = run.cutOn(device, argument.name(), cut);
    String message =
        refusal
            .exception()
            .orElseThrow(() -> new AssertionError(call + " was not refused"))
            .getMessage();
    if (message == null || kernel.methods().stream().noneMatch(message::contains)) {
      throw new AssertionError(call + " was refused without naming the operation: " + message);
    }
    for (Placement place : run.placements()) {
      byte[] image = refusal.after().get(place.argument().name());
      if (place.firstCellChanged(run.before(place), image) >= 0
          || place.firstCanaryTouched(run.before(place), image) >= 0) {
        throw new AssertionError(call + " was refused, but wrote to " + place.argument().name());
      }
    }
  }
}
