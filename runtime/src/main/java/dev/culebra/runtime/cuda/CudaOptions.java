package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.Precision;

/**
 * How a CUDA device works.
 *
 * @param precision the numbers it computes in
 * @param graphs whether work that repeats is captured and replayed as a CUDA graph
 */
public record CudaOptions(Precision precision, boolean graphs) {}
