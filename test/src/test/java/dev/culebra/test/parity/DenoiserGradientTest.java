package dev.culebra.test.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.batch.PatchGrid;
import dev.culebra.models.dit.Denoiser;
import dev.culebra.models.dit.DenoiserShape;
import dev.culebra.objectives.diffusion.DiffusionObjective;
import dev.culebra.objectives.diffusion.NoiseBatch;
import dev.culebra.objectives.diffusion.NoiseInputs;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.StepValues;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.test.lane.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gradients of a tiny denoiser along a random line per parameter, against finite differences:
 * central ones at two steps, extrapolated to none.
 */
final class DenoiserGradientTest {

  private static final int IMAGES = 3;
  private static final float STEP = 4e-3f;

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void followFiniteDifferences(int classes) {
    long seed = Seeds.all().getFirst();
    SplittableRandom random = new SplittableRandom(seed);
    DenoiserShape shape = new DenoiserShape(4, 2, 3, 8, 2, 2, classes, 10, 1e-6);
    try (Device device = CpuDevice.open(1);
        Denoiser model = new Denoiser(device, shape);
        Loss loss = new Loss(device, model, batch(shape, random))) {
      // Not the published start, whose zeros hide most gradients.
      for (Parameter parameter : model.parameters().all()) {
        set(device, parameter.master(), draw(random, parameter.length(), 0.4));
      }
      loss.gradients();
      // Float32 rounds the loss by some 1e-7 of it, and quotients divide that by twice the step.
      double rounding = 1e-3 + 1e-4 * loss.value();
      for (Parameter parameter : model.parameters().all()) {
        float[] gradient = get(device, parameter.gradient());
        float[] line = direction(random, parameter.length());
        double expected = 0;
        for (int i = 0; i < line.length; i++) {
          expected += (double) gradient[i] * line[i];
        }
        float[] weights = get(device, parameter.master());
        double near = loss.rise(parameter, weights, line, STEP);
        double far = loss.rise(parameter, weights, line, 2 * STEP);
        set(device, parameter.master(), weights);
        assertThat(expected)
            .as("%s, seed %d", parameter.name(), seed)
            .isCloseTo((4 * near - far) / 3, within(1e-2 * Math.abs(expected) + rounding));
        assertThat(gradient).as("%s", parameter.name()).isNotEqualTo(new float[gradient.length]);
      }
    }
  }

  /** A random vector of length 1. */
  private static float[] direction(SplittableRandom random, long count) {
    float[] line = draw(random, count, 1);
    double square = 0;
    for (float value : line) {
      square += (double) value * value;
    }
    for (int i = 0; i < line.length; i++) {
      line[i] /= (float) Math.sqrt(square);
    }
    return line;
  }

  private static NoiseBatch batch(DenoiserShape shape, SplittableRandom random) {
    PatchGrid grid = new PatchGrid(shape.side(), shape.patch(), shape.channels());
    NoiseBatch batch = new NoiseBatch(grid, IMAGES);
    batch.clear();
    for (int i = 0; i < IMAGES; i++) {
      float[] noised = draw(random, grid.values(), 1);
      float[] target = draw(random, grid.values(), 1);
      int label = shape.classes() == 0 ? 0 : random.nextInt(shape.classes() + 1);
      batch.add(noised, target, 0, random.nextInt(shape.steps()), label, i + 0.5f);
    }
    return batch;
  }

  private static float[] draw(SplittableRandom random, long count, double size) {
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (size * random.nextGaussian());
    }
    return values;
  }

  private static void set(Device device, Buffer buffer, float[] values) {
    device.upload(buffer, MemorySegment.ofArray(values));
  }

  private static float[] get(Device device, Buffer buffer) {
    float[] values = new float[Math.toIntExact(buffer.length())];
    device.download(MemorySegment.ofArray(values), buffer);
    return values;
  }

  /** The sum of the images' errors as a function of the weights. */
  private static final class Loss implements AutoCloseable {
    private final Device device;
    private final Denoiser model;
    private final DiffusionObjective objective;
    private final NoiseInputs slot;
    private final Buffer stepValues;

    Loss(Device device, Denoiser model, NoiseBatch batch) {
      this.device = device;
      this.model = model;
      this.objective = new DiffusionObjective(device, model);
      this.slot = objective.slot(device, batch);
      this.stepValues = device.allocate("step values", DType.F32, StepValues.COUNT);
      slot.load(batch);
      slot.swap();
    }

    void gradients() {
      float[] values = new float[StepValues.COUNT];
      values[StepValues.LOSS_SCALE] = 1;
      set(device, stepValues, values);
      model.parameters().zeroGradients();
      try (Tape tape = Tape.recording(device)) {
        objective.loss(tape, slot, stepValues);
        tape.backward();
      }
    }

    /** The central difference quotient along a line. */
    double rise(Parameter parameter, float[] weights, float[] line, float step) {
      double up = at(parameter, weights, line, step);
      return (up - at(parameter, weights, line, -step)) / (2 * step);
    }

    private double at(Parameter parameter, float[] weights, float[] line, float step) {
      float[] moved = weights.clone();
      for (int i = 0; i < moved.length; i++) {
        moved[i] += step * line[i];
      }
      set(device, parameter.master(), moved);
      return value();
    }

    double value() {
      device.kernels().fill(stepValues, 0);
      try (Tape tape = Tape.forwardOnly(device)) {
        objective.loss(tape, slot, stepValues);
      }
      return get(device, stepValues)[StepValues.LOSS];
    }

    @Override
    public void close() {
      slot.close();
      stepValues.release();
    }
  }
}
