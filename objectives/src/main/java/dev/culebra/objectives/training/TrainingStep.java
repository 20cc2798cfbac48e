package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.objective.CausalLanguageModel;
import dev.culebra.objectives.objective.DeviceBatch;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.optim.Optimizer;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * One optimiser step: gradients of all micro-batches, clipping, update.
 *
 * <p>The loss of a step is the mean over the labels of all its micro-batches, never a mean of
 * means.
 */
public final class TrainingStep implements AutoCloseable {

  /**
   * What a step did.
   *
   * @param loss mean loss of the labels, before the update, in nat
   * @param gradientNorm global norm of the gradient, before clipping
   * @param labels how many there were
   */
  public record Result(double loss, double gradientNorm, long labels) {

    /** Whether both are numbers; if not, the step changed nothing. */
    public boolean finite() {
      return Double.isFinite(loss) && Double.isFinite(gradientNorm);
    }
  }

  private final Device device;
  private final CausalLanguageModel model;
  private final Optimizer optimizer;
  private final float maxNorm;
  private final DeviceBatch batch;
  private final Buffer stepValues;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, StepValues.COUNT);

  /**
   * A step.
   *
   * @param maxNorm the gradient's global norm is clipped to this; +infinity for no clipping
   * @param capacity most rows of a micro-batch
   */
  public TrainingStep(
      Device device, CausalLanguageModel model, Optimizer optimizer, float maxNorm, int capacity) {
    this.device = device;
    this.model = model;
    this.optimizer = optimizer;
    this.maxNorm = maxNorm;
    this.batch = new DeviceBatch(device, capacity, model.decoder().shape().vocabulary());
    this.stepValues = device.allocate("step values", DType.F32, StepValues.COUNT);
  }

  /**
   * Runs a step.
   *
   * @param step number of the step, from 0
   * @param learningRate of this step
   * @param micro the micro-batches
   */
  public Result run(long step, double learningRate, List<Batch> micro) {
    long labels = prepare(step, learningRate, micro);
    for (Batch part : micro) {
      batch.upload(part);
      try (Tape tape = Tape.recording(device)) {
        model.loss(tape, batch, stepValues, null);
        tape.backward();
      }
    }
    Parameters parameters = model.decoder().parameters();
    device.kernels().globalNorm(stepValues, parameters.gradients(), maxNorm);
    optimizer.step(stepValues);
    device.download(host, stepValues);
    return new Result(value(StepValues.LOSS), value(StepValues.GRADIENT_NORM), labels);
  }

  private long prepare(long step, double learningRate, List<Batch> micro) {
    long labels = micro.stream().mapToLong(Batch::labelCount).sum();
    float[] corrections = optimizer.biasCorrections(step + 1);
    set(StepValues.LEARNING_RATE, (float) learningRate);
    set(StepValues.BIAS_CORRECTION_1, corrections[0]);
    set(StepValues.BIAS_CORRECTION_2, corrections[1]);
    set(StepValues.LOSS_SCALE, labels == 0 ? 0 : 1f / labels);
    set(StepValues.GRADIENT_NORM, 0);
    set(StepValues.GRADIENT_SCALE, 0);
    set(StepValues.LOSS, 0);
    device.upload(stepValues, host);
    model.decoder().parameters().zeroGradients();
    return labels;
  }

  /**
   * Repeats a step that was not finite, without its update, and names the first value that is not.
   */
  public String firstNonFinite(long step, List<Batch> micro) {
    prepare(step, 0, micro);
    try (NonFiniteSearch search = new NonFiniteSearch(device)) {
      model
          .decoder()
          .parameters()
          .forEachPart((part, weights) -> search.computed(part.name(), weights));
      for (Batch part : micro) {
        batch.upload(part);
        try (Tape tape = Tape.observed(device, search)) {
          model.loss(tape, batch, stepValues, null);
          device.download(host, stepValues);
          search.computed("loss", stepValues.slice(StepValues.LOSS, 1));
          tape.backward();
        }
      }
      model
          .decoder()
          .parameters()
          .all()
          .forEach(p -> search.computed("gradient of " + p.name(), p.gradient()));
      return search.first();
    }
  }

  private float value(int index) {
    return host.getAtIndex(ValueLayout.JAVA_FLOAT, index);
  }

  private void set(int index, float value) {
    host.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
  }

  /** Frees the step's buffers; model and optimiser stay. */
  @Override
  public void close() {
    if (stepValues.alive()) {
      batch.close();
      stepValues.release();
      arena.close();
    }
  }
}
