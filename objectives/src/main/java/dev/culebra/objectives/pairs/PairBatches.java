package dev.culebra.objectives.pairs;

import dev.culebra.data.batch.Blended;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.LongFunction;

/** Pairs as batches: in an order that is drawn anew for each epoch, or as they come. */
public final class PairBatches {

  private PairBatches() {}

  /**
   * Batches to train on.
   *
   * @param size pairs of a batch
   * @param room makes a batch of so many
   * @throws BadInputException if a pair would have no negatives
   */
  public static TrainingBatches<PairBatch> training(
      Blended<EncodedPair> pairs,
      int size,
      int microBatches,
      long seed,
      IntFunction<PairBatch> room) {
    if (size < 2) {
      throw new BadInputException(
          "A batch of one pair has nothing to tell it from: set batch.sequences to at least 2");
    }
    requireEnough(pairs, size);
    LongFunction<EncodedPair> order = pairs.order(seed);
    return new TrainingBatches<>() {
      @Override
      public PairBatch newBatch() {
        return room.apply(size);
      }

      @Override
      public int microBatches() {
        return microBatches;
      }

      @Override
      public void fill(long step, int microBatch, PairBatch target) {
        long batch = Math.addExact(Math.multiplyExact(step, microBatches), microBatch);
        target.begin();
        for (int i = 0; i < size; i++) {
          target.add(order.apply(batch * size + i));
        }
        target.finish();
      }
    };
  }

  static void requireEnough(Blended<EncodedPair> pairs, int size) {
    if (size > pairs.size()) {
      throw new BadInputException(
          Format.text(
              "A batch of %s cannot be filled from %,d: set a smaller batch.sequences or give more"
                  + " pairs",
              Format.count(size, "pairs"), pairs.size()));
    }
  }

  /** Batches to evaluate on, of {@code size} pairs; a last pair is not left alone. */
  public static EvaluationBatches<PairBatch> heldOut(
      List<EncodedPair> pairs, int size, IntFunction<PairBatch> room) {
    int alone = pairs.size() % size == 1 && pairs.size() > 1 ? 1 : 0;
    int batches = Math.ceilDiv(pairs.size() - alone, size);
    return new EvaluationBatches<>() {
      @Override
      public PairBatch newBatch() {
        return room.apply(size + alone);
      }

      @Override
      public long batches() {
        return batches;
      }

      @Override
      public void fill(long index, PairBatch target) {
        int from = Math.toIntExact(index * size);
        int to = index == batches - 1 ? pairs.size() : from + size;
        target.begin();
        pairs.subList(from, to).forEach(target::add);
        target.finish();
      }
    };
  }
}
