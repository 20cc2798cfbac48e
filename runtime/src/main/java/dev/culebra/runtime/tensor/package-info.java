/** Tensors, the tape and differentiable functions: a thin define-by-run autograd. */
package dev.culebra.runtime.tensor;
