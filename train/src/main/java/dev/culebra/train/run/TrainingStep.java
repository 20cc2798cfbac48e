package dev.culebra.train.run;

import dev.culebra.data.random.Mix64;
import dev.culebra.objectives.DeviceInputs;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Objective.Term;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.device.Program;
import dev.culebra.runtime.device.Turns;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.optim.Optimizer;
import dev.culebra.runtime.tensor.Noise;
import dev.culebra.runtime.tensor.Parameters;
import dev.culebra.runtime.tensor.Tape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One optimiser step: gradients of all micro-batches, clipping, update.
 *
 * <p>Each term of the loss is the mean over its labels in all micro-batches, never a mean of means.
 *
 * @param <B> what a micro-batch is on the host
 * @param <S> its place on the device
 */
public final class TrainingStep<B, S extends DeviceInputs<B>> implements AutoCloseable {

  /**
   * What a step did.
   *
   * @param terms mean loss of each term's labels, before the update; 0 where a term has none
   * @param loss their weighted sum
   * @param gradientNorm global norm of the gradient, before clipping
   * @param labels how many labels there were in all terms
   */
  public record Result(List<Double> terms, double loss, double gradientNorm, long labels) {

    /** Whether loss and norm are numbers; if not, the step changed nothing. */
    public boolean finite() {
      return Double.isFinite(loss) && Double.isFinite(gradientNorm);
    }
  }

  private final Device device;
  private final Objective<B, S> objective;
  private final List<Term> terms;
  private final Optimizer optimizer;
  private final float maxNorm;
  private final float dropout;
  private final long seed;
  private final List<S> slots = new ArrayList<>();
  private final Buffer stepValues;
  private final Program program;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, StepValues.COUNT);
  private final long[] loaded;
  private final long[] labels;
  private boolean told;

  /**
   * A step.
   *
   * @param maxNorm the gradient's global norm is clipped to this; +infinity for no clipping
   * @param dropout share of values to drop, in [0, 1)
   * @param microBatches how many batches make a step
   * @param like a batch of the size of all that will come
   * @param seed of what is drawn within steps, such as dropout
   */
  public TrainingStep(
      Device device,
      Objective<B, S> objective,
      Optimizer optimizer,
      float maxNorm,
      float dropout,
      int microBatches,
      B like,
      long seed) {
    this.device = device;
    this.objective = objective;
    this.terms = objective.terms();
    this.optimizer = optimizer;
    this.maxNorm = maxNorm;
    this.dropout = dropout;
    this.seed = seed;
    if (terms.isEmpty() || terms.size() > StepValues.TERMS) {
      throw new IllegalArgumentException(
          "a loss of " + terms.size() + " terms: it may have 1 to " + StepValues.TERMS);
    }
    this.loaded = new long[terms.size()];
    this.labels = new long[terms.size()];
    try (Turns.Turn _ = device.turn()) {
      for (int i = 0; i < microBatches; i++) {
        slots.add(objective.slot(device, like));
      }
      this.stepValues = device.allocate("step values", DType.F32, StepValues.COUNT);
      this.program = device.program();
    }
  }

  /** Runs a whole step: {@link #load}, {@link #start} and {@link #finish}. */
  public Result run(long step, double learningRate, List<B> micro) {
    load(micro);
    start(step, learningRate);
    return finish();
  }

  /**
   * Takes the micro-batches of the coming step, which may be reused at once. A step that was
   * started is not disturbed.
   */
  public void load(List<B> micro) {
    if (micro.size() != slots.size()) {
      throw new IllegalArgumentException(
          "a step of " + slots.size() + " micro-batches was given " + micro.size());
    }
    Arrays.fill(loaded, 0);
    try (Turns.Turn _ = device.turn()) {
      for (int i = 0; i < micro.size(); i++) {
        slots.get(i).load(micro.get(i));
        tellOnce(objective.idle(micro.get(i)));
        for (int term = 0; term < loaded.length; term++) {
          loaded[term] += objective.labels(micro.get(i), term);
        }
      }
    }
  }

  private void tellOnce(String idle) {
    if (!idle.isEmpty() && !told) {
      Notes.tell(idle);
      told = true;
    }
  }

  /**
   * Starts a step on what was loaded; the device may still work when this returns.
   *
   * @param step number of the step, from 0
   * @param learningRate of this step
   */
  public void start(long step, double learningRate) {
    System.arraycopy(loaded, 0, labels, 0, labels.length);
    try (Turns.Turn _ = device.turn()) {
      setStepValues(step, learningRate);
      slots.forEach(DeviceInputs::swap);
      program.run(slots.stream().map(DeviceInputs::shape).toList(), this::compute);
    }
  }

  /** Waits for the step that was started. */
  public Result finish() {
    device.download(host, stepValues);
    List<Double> losses = new ArrayList<>(terms.size());
    double sum = 0;
    for (int term = 0; term < terms.size(); term++) {
      double weight = terms.get(term).weight();
      double scaled = value(StepValues.LOSS + term);
      sum += scaled;
      losses.add(weight == 0 ? 0 : scaled / weight);
    }
    return new Result(losses, sum, value(StepValues.GRADIENT_NORM), Arrays.stream(labels).sum());
  }

  /** Everything that the device does in a step: operations only, so that it can be replayed. */
  private void compute() {
    Parameters parameters = objective.model().parameters();
    parameters.zeroGradients();
    for (int i = 0; i < slots.size(); i++) {
      try (Tape tape = Tape.recording(device).with(noise(i))) {
        objective.loss(tape, slots.get(i), stepValues);
        tape.backward();
      }
    }
    device.kernels().globalNorm(stepValues, parameters.gradients(), maxNorm);
    optimizer.step(stepValues);
    objective.updated(stepValues);
  }

  private Noise noise(int microBatch) {
    return new Noise(stepValues, dropout, microBatch);
  }

  private void setStepValues(long step, double learningRate) {
    host.fill((byte) 0);
    float[] corrections = optimizer.biasCorrections(step + 1);
    set(StepValues.LEARNING_RATE, (float) learningRate);
    set(StepValues.BIAS_CORRECTION_1, corrections[0]);
    set(StepValues.BIAS_CORRECTION_2, corrections[1]);
    for (int term = 0; term < terms.size(); term++) {
      double scale = labels[term] == 0 ? 0 : terms.get(term).weight() / labels[term];
      set(StepValues.LOSS_SCALE + term, (float) scale);
    }
    host.setAtIndex(ValueLayout.JAVA_INT, StepValues.SEED, Long.hashCode(Mix64.of(seed, step)));
    device.upload(stepValues, host);
  }

  /**
   * Repeats the last step, which was not finite, without its update, and names the first value that
   * is not.
   */
  public String firstNonFinite(long step) {
    try (Turns.Turn _ = device.turn()) {
      return search(step);
    }
  }

  private String search(long step) {
    setStepValues(step, 0);
    Parameters parameters = objective.model().parameters();
    parameters.zeroGradients();
    try (NonFiniteSearch search = new NonFiniteSearch(device)) {
      parameters.forEachPart((part, weights) -> search.computed(part.name(), weights));
      for (int i = 0; i < slots.size(); i++) {
        try (Tape tape = Tape.observed(device, search).with(noise(i))) {
          objective.loss(tape, slots.get(i), stepValues);
          search.computed("loss", stepValues.slice(StepValues.LOSS, terms.size()));
          tape.backward();
        }
      }
      parameters.all().forEach(p -> search.computed("gradient of " + p.name(), p.gradient()));
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
    try (Turns.Turn _ = device.turn()) {
      if (stepValues.alive()) {
        program.close();
        slots.forEach(DeviceInputs::close);
        stepValues.release();
        arena.close();
      }
    }
  }
}
