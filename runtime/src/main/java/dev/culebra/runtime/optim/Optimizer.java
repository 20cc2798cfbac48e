package dev.culebra.runtime.optim;

import dev.culebra.runtime.device.Buffer;
import java.util.SequencedMap;

/**
 * Turns gradients into new weights.
 *
 * <p>What changes from step to step (learning rate, bias corrections, clipping) is read from the
 * step values on the device. If a gradient is not finite, nothing changes.
 */
public sealed interface Optimizer extends AutoCloseable permits AdamWOptimizer, MuonOptimizer {

  /** Updates all parameters from their gradients. */
  void step(Buffer stepValues);

  /** 1 - beta1^t and 1 - beta2^t for step t, counted from 1. */
  float[] biasCorrections(long t);

  /** What a checkpoint must keep, by name, in a fixed order; all F32. */
  SequencedMap<String, Buffer> state();

  /** Frees the state. */
  @Override
  void close();
}
