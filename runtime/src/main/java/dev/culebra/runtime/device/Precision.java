package dev.culebra.runtime.device;

/**
 * In what numbers a device computes. Master weights, gradients of weights, moments, losses and
 * reductions are float32 in each.
 */
public enum Precision {
  /** float32 throughout. */
  FP32,
  /** float32, whose products tensor cores may round to TF32: 10 bits of mantissa. */
  TF32,
  /** bfloat16 activations and products. */
  BF16;

  /** The type of activations. */
  public DType computeType() {
    return this == BF16 ? DType.BF16 : DType.F32;
  }
}
