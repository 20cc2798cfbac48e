package dev.culebra.objectives.batch;

/** Batches of a decoder alone as those of any arrangement. */
public final class DecoderBatches {

  private DecoderBatches() {}

  /** Batches to train on. */
  public static Source<PackedExamples> of(Source<Batch> source) {
    return new Source<>() {
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

  /** Batches to judge by. */
  public static HeldOut<PackedExamples> of(HeldOut<Batch> source) {
    return new HeldOut<>() {
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
