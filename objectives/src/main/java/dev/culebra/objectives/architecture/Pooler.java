package dev.culebra.objectives.architecture;

import dev.culebra.runtime.kernel.Activation;
import dev.culebra.runtime.tensor.Pointwise;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/** What BERT and ViT make of the first row of a whole: tanh(x W + b), as wide as the row. */
record Pooler(Linear dense) {

  /** Declares one under the names of Hugging Face. */
  static Pooler declare(Declared declared, String prefix, long width) {
    return new Pooler(declared.linear(width, width, prefix + "pooler.dense"));
  }

  /** What the first rows say of the wholes, N x C. */
  Tensor apply(Tape tape, String name, Tensor first) {
    return Pointwise.activate(tape, name, Activation.TANH, dense.apply(tape, name, first));
  }
}
