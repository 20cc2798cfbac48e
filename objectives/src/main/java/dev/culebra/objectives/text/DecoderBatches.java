package dev.culebra.objectives.text;

import dev.culebra.data.batch.Batch;
import dev.culebra.data.batch.EvaluationBatches;
import dev.culebra.data.batch.TrainingBatches;

/** Batches of a decoder alone as those of any arrangement. */
public final class DecoderBatches {

  private DecoderBatches() {}

  /** Batches to train on. */
  public static TrainingBatches<PackedExamples> of(TrainingBatches<Batch> source) {
    return new TrainingBatches<>() {
      @Override
      public PackedExamples newBatch() {
        return PackedExamples.of(source.newBatch());
      }

      @Override
      public int microBatches() {
        return source.microBatches();
      }

      @Override
      public void fill(long step, int microBatch, PackedExamples target) {
        source.fill(step, microBatch, target.decoder());
      }
    };
  }

  /** Batches to evaluate on. */
  public static EvaluationBatches<PackedExamples> of(EvaluationBatches<Batch> source) {
    return new EvaluationBatches<>() {
      @Override
      public PackedExamples newBatch() {
        return PackedExamples.of(source.newBatch());
      }

      @Override
      public long batches() {
        return source.batches();
      }

      @Override
      public void fill(long index, PackedExamples target) {
        source.fill(index, target.decoder());
      }
    };
  }
}
