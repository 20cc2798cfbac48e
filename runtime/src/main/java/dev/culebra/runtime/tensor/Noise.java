package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Dropout;
import dev.culebra.runtime.kernel.StepValues;

/**
 * The random bits of one forward pass: every place that draws has a stream of its own, numbered in
 * the order in which the pass comes by. The step's seed lies in device memory, so a replayed step
 * draws anew, and the same pass with an equal noise draws the same again.
 */
public final class Noise {

  private final Buffer stepValues;
  private final float dropout;
  private int stream;

  /**
   * A noise.
   *
   * @param stepValues holds the seed, {@link StepValues#SEED}
   * @param dropout share of values to drop, in [0, 1)
   * @param pass tells the passes of a step apart
   */
  public Noise(Buffer stepValues, float dropout, int pass) {
    this.stepValues = stepValues;
    this.dropout = dropout;
    this.stream = pass * 0x9E3779B1; // far apart: passes are few, and so are a pass's draws
  }

  /** The noise of a part of this pass; equal numbers give equal noise. */
  public Noise part(int number) {
    return new Noise(stepValues, dropout, stream + 1 + number);
  }

  /** A stream that nothing else has. */
  public int stream() {
    return stream++;
  }

  /** What to drop at the next place, or null for nothing. */
  Dropout dropout() {
    return dropout == 0 ? null : new Dropout(dropout, stream());
  }

  /** Where the step's seed is. */
  Buffer stepValues() {
    return stepValues;
  }
}
