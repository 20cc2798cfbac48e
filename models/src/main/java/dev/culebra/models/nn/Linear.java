package dev.culebra.models.nn;

import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/**
 * A linear layer: y = x W + b.
 *
 * @param weight inputs x outputs, or outputs x inputs as {@code nn.Linear} keeps it
 * @param bias one value per output, or null
 * @param outputsFirst how the weight lies
 */
public record Linear(Parameter weight, Parameter bias, boolean outputsFirst) {

  public Tensor apply(Tape tape, String name, Tensor x) {
    return Functions.linear(tape, name, x, weight, outputsFirst, bias);
  }
}
