/** Devices, tensors, autograd, layers, optimisers and model files. */
package dev.culebra.runtime;
