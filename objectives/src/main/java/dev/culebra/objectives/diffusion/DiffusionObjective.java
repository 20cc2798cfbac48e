package dev.culebra.objectives.diffusion;

import dev.culebra.models.dit.Denoiser;
import dev.culebra.objectives.Objective;
import dev.culebra.objectives.Units;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.tensor.LossTerm;
import dev.culebra.runtime.tensor.Regression;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * The noise of images (Ho et al. 2020, arXiv:2006.11239), or v: the mean squared error of each
 * image, weighted, then the mean over images. The variance is fixed, not learned.
 *
 * <p>Beside the trained weights goes their exponential moving average, {@code a = d a + (1 - d) w}
 * after each step; it starts as a copy of the first weights. Training goes by the weights,
 * everything else by the average.
 */
public final class DiffusionObjective implements Objective<NoiseBatch, NoiseInputs> {

  private static final String AVERAGE = "average of the weights";

  private final Denoiser model;
  private final Denoiser average;
  private final float decay;
  private final Kernels kernels;

  /** A denoiser as it is, trained already. */
  public DiffusionObjective(Device device, Denoiser model) {
    this(device, model, null, 0);
  }

  /**
   * A denoiser in training.
   *
   * @param average of the same shape; becomes a copy of the model in {@link #begin}
   * @param decay d: what the average keeps of itself in a step
   */
  public DiffusionObjective(Device device, Denoiser model, Denoiser average, double decay) {
    this.kernels = device.kernels();
    this.model = model;
    this.average = average;
    this.decay = (float) decay;
  }

  /** Makes the average a copy of the model, whose weights were just drawn. */
  public void begin() {
    kernels.copy(average.parameters().masters(), model.parameters().masters());
  }

  @Override
  public Denoiser model() {
    return model;
  }

  /** The denoiser to judge and to draw with: the average of the weights, if there is one. */
  public Denoiser averaged() {
    if (average == null) {
      return model;
    }
    average.parameters().refreshComputeWeights();
    return average;
  }

  @Override
  public List<Term> terms() {
    return List.of(new Term("noise_error", 1));
  }

  @Override
  public Units units() {
    return new Units("images", "noised images", "mean squared error");
  }

  @Override
  public long labels(NoiseBatch batch, int term) {
    return batch.count();
  }

  @Override
  public long inputs(NoiseBatch batch) {
    return batch.count();
  }

  @Override
  public NoiseInputs slot(Device device, NoiseBatch like) {
    return new NoiseInputs(device, like, model.shape());
  }

  @Override
  public void loss(Tape tape, NoiseInputs slot, Buffer stepValues) {
    Denoiser denoiser = tape.recording() ? model : averaged();
    Tensor found = denoiser.forward(tape, slot.input());
    Tensor asked = tape.tensor("targets", found.rows(), found.width());
    tape.kernels().copy(asked.data(), slot.targets());
    Regression.loss(tape, found, asked.matrix(), slot.weights(), LossTerm.of(stepValues, 0));
  }

  @Override
  public void updated(Buffer stepValues) {
    if (average != null) {
      Buffer averages = average.parameters().masters();
      kernels.average(averages, model.parameters().masters(), decay, stepValues);
    }
  }

  @Override
  public SequencedMap<String, Buffer> state() {
    SequencedMap<String, Buffer> state = new LinkedHashMap<>();
    if (average != null) {
      state.put(AVERAGE, average.parameters().masters());
    }
    return state;
  }
}
