package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.StepValues;

/**
 * A term of a step's loss on the device.
 *
 * @param scale F32, one value: what each row's loss and gradient is multiplied by while training
 * @param total F32, one value: the sum that losses are added to, scaled while training, else plain
 */
public record LossTerm(Buffer scale, Buffer total) {

  /** Term {@code index} of a step's values, from 0. */
  public static LossTerm of(Buffer stepValues, int index) {
    if (index < 0 || index >= StepValues.TERMS) {
      throw new IndexOutOfBoundsException("term " + index + " of at most " + StepValues.TERMS);
    }
    return new LossTerm(
        stepValues.slice(StepValues.LOSS_SCALE + index, 1),
        stepValues.slice(StepValues.LOSS + index, 1));
  }
}
