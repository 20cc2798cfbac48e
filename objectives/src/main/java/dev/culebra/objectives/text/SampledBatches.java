package dev.culebra.objectives.text;

import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;

/**
 * Samples by number as batches: those to train on, without end, or those to evaluate on, in order.
 */
public final class SampledBatches {

  private SampledBatches() {}

  /**
   * Batches to train on.
   *
   * @param microBatches how many micro-batches one step takes
   */
  public static TrainingBatches<PackedExamples> training(
      Dataset sampling, PackedOptions options, int microBatches) {
    check(microBatches);
    return new TrainingBatches<>() {
      @Override
      public PackedExamples newBatch() {
        return options.newBatch();
      }

      @Override
      public int microBatches() {
        return microBatches;
      }

      @Override
      public void fill(long step, int microBatch, PackedExamples target) {
        if (step < 0 || microBatch < 0 || microBatch >= microBatches) {
          throw new IndexOutOfBoundsException(
              Format.text("Step %d, micro-batch %d of %d", step, microBatch, microBatches));
        }
        long batch = Math.addExact(Math.multiplyExact(step, microBatches), microBatch);
        long first = Math.multiplyExact(batch, options.sequences());
        pack(sampling, first, Math.addExact(first, options.sequences()), options, target);
      }
    };
  }

  /** Refuses a step without micro-batches. */
  static void check(int microBatches) {
    if (microBatches < 1) {
      throw new BadInputException("A step needs at least one micro-batch, not " + microBatches);
    }
  }

  /**
   * Batches to evaluate on.
   *
   * @param samples how many samples there are
   */
  public static EvaluationBatches<PackedExamples> heldOut(
      Dataset sampling, long samples, PackedOptions options) {
    return new EvaluationBatches<>() {
      @Override
      public PackedExamples newBatch() {
        return options.newBatch();
      }

      @Override
      public long batches() {
        return Math.ceilDiv(samples, (long) options.sequences());
      }

      @Override
      public void fill(long index, PackedExamples target) {
        if (index < 0 || index >= batches()) {
          throw new IndexOutOfBoundsException(Format.text("Batch %d of %d", index, batches()));
        }
        long first = index * options.sequences();
        pack(sampling, first, Math.min(samples, first + options.sequences()), options, target);
      }
    };
  }

  private static void pack(
      Dataset sampling, long from, long to, PackedOptions options, PackedExamples target) {
    target.begin();
    for (long number = from; number < to; number++) {
      sampling.add(number, target);
    }
    target.finish(options.pad());
  }
}
