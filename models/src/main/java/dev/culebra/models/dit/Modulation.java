package dev.culebra.models.dit;

import dev.culebra.models.nn.Linear;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Pooling;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/**
 * What a condition makes of the rows of its image: shifts, scales and gates side by side, by a
 * linear layer that starts at zero.
 *
 * @param name of the layer, in messages
 * @param width of each part
 */
record Modulation(Linear linear, String name, long width) {

  /** All parts of each image, B x (parts C). */
  Tensor of(Tape tape, Tensor condition) {
    return linear.apply(tape, name + " modulation", condition);
  }

  /** Part {@code index} of each row's image, N x C. */
  Tensor part(Tape tape, Tensor all, int index, Denoiser.Input input, long rows) {
    String part = name + " modulation " + index;
    Tensor images = Functions.columns(tape, part, all, index * width, width);
    return Pooling.gather(tape, part + " of rows", images, input.images(), rows);
  }
}
