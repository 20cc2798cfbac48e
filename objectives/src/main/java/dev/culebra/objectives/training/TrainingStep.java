package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.Batch;
import dev.culebra.objectives.objective.CausalLanguageModel;
import dev.culebra.objectives.objective.DeviceBatch;
import dev.culebra.objectives.token.Mix64;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Program;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.optim.Optimizer;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
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
  private final long seed;
  private final List<DeviceBatch> batches = new ArrayList<>();
  private final Buffer stepValues;
  private final Program program;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, StepValues.COUNT);
  private long loadedLabels = -1;
  private long labels;

  /**
   * A step.
   *
   * @param maxNorm the gradient's global norm is clipped to this; +infinity for no clipping
   * @param microBatches how many batches make a step
   * @param capacity most rows of a micro-batch
   * @param seed of what is drawn within steps, such as dropout
   */
  public TrainingStep(
      Device device,
      CausalLanguageModel model,
      Optimizer optimizer,
      float maxNorm,
      int microBatches,
      int capacity,
      long seed) {
    this.device = device;
    this.model = model;
    this.optimizer = optimizer;
    this.maxNorm = maxNorm;
    this.seed = seed;
    for (int i = 0; i < microBatches; i++) {
      batches.add(new DeviceBatch(device, capacity, model.decoder().shape().vocabulary()));
    }
    this.stepValues = device.allocate("step values", DType.F32, StepValues.COUNT);
    this.program = device.program();
  }

  /** Runs a whole step: {@link #load}, {@link #start} and {@link #finish}. */
  public Result run(long step, double learningRate, List<Batch> micro) {
    load(micro);
    start(step, learningRate);
    return finish();
  }

  /**
   * Takes the micro-batches of the coming step, which may be reused at once. A step that was
   * started is not disturbed.
   */
  public void load(List<Batch> micro) {
    if (micro.size() != batches.size()) {
      throw new IllegalArgumentException(
          "a step of " + batches.size() + " micro-batches was given " + micro.size());
    }
    for (int i = 0; i < micro.size(); i++) {
      batches.get(i).load(micro.get(i));
    }
    loadedLabels = micro.stream().mapToLong(Batch::labelCount).sum();
  }

  /**
   * Starts a step on what was loaded; the device may still work when this returns.
   *
   * @param step number of the step, from 0
   * @param learningRate of this step
   */
  public void start(long step, double learningRate) {
    labels = loadedLabels;
    setStepValues(step, learningRate);
    batches.forEach(DeviceBatch::deliver);
    program.run(batches.stream().map(DeviceBatch::shape).toList(), this::compute);
  }

  /** Waits for the step that was started. */
  public Result finish() {
    device.download(host, stepValues);
    return new Result(value(StepValues.LOSS), value(StepValues.GRADIENT_NORM), labels);
  }

  /** Everything that the device does in a step: operations only, so that it can be replayed. */
  private void compute() {
    Parameters parameters = model.decoder().parameters();
    parameters.zeroGradients();
    for (DeviceBatch batch : batches) {
      try (Tape tape = Tape.recording(device)) {
        model.loss(tape, batch, stepValues, null);
        tape.backward();
      }
    }
    device.kernels().globalNorm(stepValues, parameters.gradients(), maxNorm);
    optimizer.step(stepValues);
  }

  private void setStepValues(long step, double learningRate) {
    float[] corrections = optimizer.biasCorrections(step + 1);
    set(StepValues.LEARNING_RATE, (float) learningRate);
    set(StepValues.BIAS_CORRECTION_1, corrections[0]);
    set(StepValues.BIAS_CORRECTION_2, corrections[1]);
    set(StepValues.LOSS_SCALE, labels == 0 ? 0 : 1f / labels);
    set(StepValues.GRADIENT_NORM, 0);
    set(StepValues.GRADIENT_SCALE, 0);
    set(StepValues.LOSS, 0);
    host.setAtIndex(ValueLayout.JAVA_INT, StepValues.SEED, Long.hashCode(Mix64.of(seed, step)));
    device.upload(stepValues, host);
  }

  /**
   * Repeats the last step, which was not finite, without its update, and names the first value that
   * is not.
   */
  public String firstNonFinite(long step) {
    setStepValues(step, 0);
    model.decoder().parameters().zeroGradients();
    try (NonFiniteSearch search = new NonFiniteSearch(device)) {
      model
          .decoder()
          .parameters()
          .forEachPart((part, weights) -> search.computed(part.name(), weights));
      for (DeviceBatch batch : batches) {
        try (Tape tape = Tape.observed(device, search)) {
          model.loss(tape, batch, stepValues, null);
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
      program.close();
      batches.forEach(DeviceBatch::close);
      stepValues.release();
      arena.close();
    }
  }
}
