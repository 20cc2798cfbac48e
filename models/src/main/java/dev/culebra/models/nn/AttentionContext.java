package dev.culebra.models.nn;

import dev.culebra.runtime.kernel.Intervals;
import dev.culebra.runtime.tensor.AttentionFunctions;
import dev.culebra.runtime.tensor.Tensor;

/**
 * What the rows of a {@link Transformer} see.
 *
 * @param self which rows of their own sequence
 * @param rotation rotary positions, or null
 * @param bias of scores by distance, or null
 * @param cache earlier rows, or null
 * @param memory rows of the other sequence, or null
 * @param cross which of them each row sees, or null
 */
public record AttentionContext(
    Intervals self,
    AttentionFunctions.Rotation rotation,
    AttentionFunctions.Bias bias,
    KvCache cache,
    Tensor memory,
    Intervals cross) {

  /** Rows that see their own sequence alone. */
  public static AttentionContext of(Intervals self) {
    return new AttentionContext(self, null, null, null, null, null);
  }

  public AttentionContext rotating(AttentionFunctions.Rotation by) {
    return new AttentionContext(self, by, bias, cache, memory, cross);
  }

  public AttentionContext biased(AttentionFunctions.Bias by) {
    return new AttentionContext(self, rotation, by, cache, memory, cross);
  }

  public AttentionContext remembering(KvCache past) {
    return new AttentionContext(self, rotation, bias, past, memory, cross);
  }

  public AttentionContext reading(Tensor other, Intervals which) {
    return new AttentionContext(self, rotation, bias, cache, other, which);
  }
}
