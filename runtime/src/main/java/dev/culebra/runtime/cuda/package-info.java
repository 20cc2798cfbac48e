/**
 * A CUDA device: NVIDIA's driver, or the software CUDA device behind the same calls.
 *
 * <p>One small class per native concept, each closed by who opened it: context, streams, events,
 * memory, modules, functions, graphs, the matmul handle. The thread that opens a device is the only
 * one that may use it.
 */
package dev.culebra.runtime.cuda;
