package dev.culebra.objectives.multi;

import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.Objective;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Tape;

/**
 * The place of one part of a {@link WeightedSum}: its batch, and the step's values as the part
 * knows them, with its own terms first.
 */
final class PartInputs<B, S extends DeviceInputs<B>> implements AutoCloseable {

  private final Objective<B, S> objective;
  private final S slot;
  private final Buffer values;
  private final int firstTerm;
  private final int terms;

  PartInputs(Device device, Objective<B, S> objective, B like, int firstTerm) {
    this.objective = objective;
    this.firstTerm = firstTerm;
    this.terms = objective.terms().size();
    this.slot = objective.slot(device, like);
    this.values = device.allocate("part's step values", DType.F32, StepValues.COUNT);
  }

  void load(B batch) {
    slot.load(batch);
  }

  void swap() {
    slot.swap();
  }

  Object shape() {
    return slot.shape();
  }

  /** Adds the part's losses to its terms of the sum. */
  void loss(Tape tape, Buffer stepValues) {
    Kernels kernels = tape.kernels();
    kernels.copy(
        values.slice(0, StepValues.LOSS_SCALE), stepValues.slice(0, StepValues.LOSS_SCALE));
    copy(kernels, values, 0, stepValues, firstTerm, StepValues.LOSS_SCALE);
    copy(kernels, values, 0, stepValues, firstTerm, StepValues.LOSS);
    objective.loss(tape, slot, values);
    copy(kernels, stepValues, firstTerm, values, 0, StepValues.LOSS);
  }

  private void copy(Kernels kernels, Buffer to, int toTerm, Buffer from, int fromTerm, int first) {
    kernels.copy(to.slice(first + toTerm, terms), from.slice(first + fromTerm, terms));
  }

  @Override
  public void close() {
    slot.close();
    if (values.alive()) {
      values.release();
    }
  }
}
