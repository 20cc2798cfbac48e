package dev.culebra.models.nn;

import dev.culebra.runtime.kernel.Norm;
import dev.culebra.runtime.tensor.Functions;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/**
 * Gain and shift of a normalisation.
 *
 * @param bias null in families without it
 */
public record NormLayer(Parameter weight, Parameter bias) {

  /** The normalisation of x. */
  public Tensor apply(Tape tape, String name, Norm norm, Tensor x) {
    return apply(tape, name, norm, x, null).normalized();
  }

  /** x + residual and its normalisation; residual may be null. */
  public Functions.Normalized apply(Tape tape, String name, Norm norm, Tensor x, Tensor residual) {
    return Functions.norm(tape, name, norm, x, residual, weight, bias);
  }
}
