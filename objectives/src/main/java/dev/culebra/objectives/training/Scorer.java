package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.batch.EvaluationSource;
import dev.culebra.objectives.objective.CausalLanguageModel;
import dev.culebra.objectives.objective.DeviceBatch;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.MemorySegment;

/** Scores held-out batches with a model. */
final class Scorer implements AutoCloseable {

  /** Mean loss over {@code tokens} labels, in nat. */
  record Score(double loss, long tokens) {}

  private final Device device;
  private final CausalLanguageModel model;
  private final Batch host;
  private final DeviceBatch batch;
  private final Buffer stepValues;
  private final float[] values = new float[StepValues.COUNT];

  /** A scorer for batches of the shape of {@code shape}. */
  Scorer(Device device, CausalLanguageModel model, Batch shape) {
    this.device = device;
    this.model = model;
    this.host = shape;
    this.batch = new DeviceBatch(device, shape.capacity(), model.decoder().shape().vocabulary());
    this.stepValues = device.allocate("evaluation values", DType.F32, StepValues.COUNT);
  }

  /**
   * Scores the source's batches, from the first on, until at least {@code atLeast} labels are
   * scored or there are no more.
   */
  Score score(EvaluationSource source, long atLeast) {
    double sum = 0;
    long tokens = 0;
    for (long i = 0; i < source.batches() && tokens < atLeast; i++) {
      source.fill(i, host);
      if (host.labelCount() == 0) {
        continue;
      }
      batch.upload(host);
      device.kernels().fill(stepValues, 0);
      try (Tape tape = Tape.forwardOnly(device)) {
        model.loss(tape, batch, stepValues, null);
        device.download(MemorySegment.ofArray(values), stepValues);
      }
      sum += values[StepValues.LOSS];
      tokens += host.labelCount();
    }
    return new Score(tokens == 0 ? 0 : sum / tokens, tokens);
  }

  @Override
  public void close() {
    batch.close();
    stepValues.release();
  }
}
