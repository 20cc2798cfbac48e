package dev.culebra.objectives.pairs;

import dev.culebra.data.batch.Blended;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.LongFunction;

/** Images with captions as batches, in the order of {@link PairBatches}. */
public final class CaptionBatches {

  private CaptionBatches() {}

  /** Batches to train on, whose masks are drawn anew for each step. */
  public static TrainingBatches<CaptionBatch> training(
      Blended<EncodedPair> pairs,
      int size,
      int microBatches,
      long seed,
      IntFunction<CaptionBatch> room) {
    PairBatches.requireEnough(pairs, size);
    LongFunction<EncodedPair> order = pairs.order(seed);
    return new TrainingBatches<>() {
      @Override
      public CaptionBatch newBatch() {
        return room.apply(size);
      }

      @Override
      public int microBatches() {
        return microBatches;
      }

      @Override
      public void fill(long step, int microBatch, CaptionBatch target) {
        long batch = Math.addExact(Math.multiplyExact(step, microBatches), microBatch);
        target.begin();
        for (int i = 0; i < size; i++) {
          long number = batch * size + i;
          target.add(order.apply(number), seed, number);
        }
        target.finish();
      }
    };
  }

  /** Batches to evaluate on, in order; masks are the same each time. */
  public static EvaluationBatches<CaptionBatch> heldOut(
      List<EncodedPair> pairs, int size, long seed, IntFunction<CaptionBatch> room) {
    return new EvaluationBatches<>() {
      @Override
      public CaptionBatch newBatch() {
        return room.apply(size);
      }

      @Override
      public long batches() {
        return Math.ceilDiv(pairs.size(), size);
      }

      @Override
      public void fill(long index, CaptionBatch target) {
        int from = Math.toIntExact(index * size);
        target.begin();
        for (int i = from; i < Math.min(pairs.size(), from + size); i++) {
          target.add(pairs.get(i), ~seed, i);
        }
        target.finish();
      }
    };
  }
}
