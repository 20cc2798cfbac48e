package dev.culebra.objectives.multi;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import java.util.List;

/**
 * A micro-batch of a sum of objectives: one batch for each part, side by side.
 *
 * @param parts in the order of the parts, each of its part's kind
 */
public record PartBatches(List<Object> parts) {

  /** Copies the list. */
  public PartBatches {
    parts = List.copyOf(parts);
  }

  /** The batch of a part. */
  @SuppressWarnings("unchecked") // the source of part i wrote batch i
  public <B> B part(int i) {
    return (B) parts.get(i);
  }

  /**
   * PartBatches to train on.
   *
   * @param sources one per part, of equally many micro-batches
   */
  public static TrainingBatches<PartBatches> training(List<TrainingBatches<?>> sources) {
    int microBatches = sources.getFirst().microBatches();
    if (sources.stream().anyMatch(source -> source.microBatches() != microBatches)) {
      throw new IllegalArgumentException("parts of different numbers of micro-batches");
    }
    return new TrainingBatches<>() {
      @Override
      public PartBatches newBatch() {
        return new PartBatches(sources.stream().<Object>map(TrainingBatches::newBatch).toList());
      }

      @Override
      public int microBatches() {
        return microBatches;
      }

      @Override
      public void fill(long step, int microBatch, PartBatches target) {
        for (int i = 0; i < sources.size(); i++) {
          fillPart(sources.get(i), step, microBatch, target.part(i));
        }
      }
    };
  }

  private static <B> void fillPart(TrainingBatches<B> source, long step, int microBatch, B target) {
    source.fill(step, microBatch, target);
  }

  /**
   * PartBatches to evaluate on, as many as the part with the fewest has: what others have beyond is
   * left to a judgement of each part alone.
   */
  public static EvaluationBatches<PartBatches> heldOut(List<EvaluationBatches<?>> parts) {
    return new EvaluationBatches<>() {
      @Override
      public PartBatches newBatch() {
        return new PartBatches(parts.stream().<Object>map(EvaluationBatches::newBatch).toList());
      }

      @Override
      public long batches() {
        return parts.stream().mapToLong(EvaluationBatches::batches).min().orElse(0);
      }

      @Override
      public void fill(long index, PartBatches target) {
        for (int i = 0; i < parts.size(); i++) {
          fillPart(parts.get(i), index, target.part(i));
        }
      }
    };
  }

  private static <B> void fillPart(EvaluationBatches<B> part, long index, B target) {
    part.fill(index, target);
  }
}
