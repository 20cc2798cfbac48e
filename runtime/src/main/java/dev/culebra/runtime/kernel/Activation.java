package dev.culebra.runtime.kernel;

/** Activation functions, applied value by value. */
public enum Activation {
  /**
   * x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016, arXiv:1606.08415):
   * the form of GPT-2 and T5 v1.1, and that of {@link Epilogue#preActivation}.
   */
  GELU_TANH,
  /** x/2 (1 + erf(x / sqrt(2))) (the same paper): the form of BERT, BART and ViT. */
  GELU,
  /** x sigmoid(1.702 x) (the same paper): CLIP's. */
  QUICK_GELU,
  /** x sigmoid(x) (Elfwing et al. 2017, arXiv:1702.03118). */
  SILU,
  /** max(x, 0), whose slope at 0 counts as 0; NaN stays NaN. */
  RELU,
  /** tanh(x): that of BERT's pooler. */
  TANH;

  /** Whether {@link Kernels#gated} takes it. */
  public boolean gates() {
    return this == SILU || this == GELU_TANH || this == GELU;
  }
}
