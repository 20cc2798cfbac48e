package dev.culebra.objectives.architecture;

import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.tensor.Attend;
import dev.culebra.runtime.tensor.Tensor;

/**
 * What the rows of a {@link Stack} see.
 *
 * @param self which rows of their own sequence
 * @param rotation rotary positions, or null
 * @param bias of scores by distance, or null
 * @param cache earlier rows, or null
 * @param memory rows of the other sequence, or null
 * @param cross which of them each row sees, or null
 */
record Sight(
    Intervals self,
    Attend.Rotation rotation,
    Attend.Bias bias,
    KvCache cache,
    Tensor memory,
    Intervals cross) {

  /** Rows that see their own sequence alone. */
  static Sight of(Intervals self) {
    return new Sight(self, null, null, null, null, null);
  }

  Sight rotating(Attend.Rotation by) {
    return new Sight(self, by, bias, cache, memory, cross);
  }

  Sight biased(Attend.Bias by) {
    return new Sight(self, rotation, by, cache, memory, cross);
  }

  Sight remembering(KvCache past) {
    return new Sight(self, rotation, bias, past, memory, cross);
  }

  Sight reading(Tensor other, Intervals which) {
    return new Sight(self, rotation, bias, cache, other, which);
  }
}
