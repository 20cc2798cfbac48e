package dev.culebra.runtime.optim;

import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.tensor.Parameters;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * AdamW over a run of a model's parameters. Matrices decay; norms, biases and embeddings do not.
 */
public final class AdamWOptimizer implements Optimizer {

  private final Device device;
  private final AdamW options;
  private final Buffer weights;
  private final Buffer computeWeights;
  private final Buffer gradients;
  private final long decayed;
  private final Buffer m;
  private final Buffer v;

  /** AdamW over all parameters. */
  public AdamWOptimizer(Device device, Parameters parameters, AdamW options) {
    this(device, parameters, options, 0);
  }

  /** AdamW over the parameters from element {@code from} of the big buffers on. */
  AdamWOptimizer(Device device, Parameters parameters, AdamW options, long from) {
    long length = parameters.masters().length() - from;
    this.device = device;
    this.options = options;
    this.weights = parameters.masters().slice(from, length);
    this.computeWeights =
        parameters.computeWeights() == null
            ? null
            : parameters.computeWeights().slice(from, length);
    this.gradients = parameters.gradients().slice(from, length);
    this.decayed = Math.max(0, parameters.decayed() - from);
    try (Acquired acquired = new Acquired()) {
      this.m = acquired.add(device.allocate("first moments", DType.F32, length));
      this.v = acquired.add(device.allocate("second moments", DType.F32, length));
      acquired.keep();
    }
  }

  @Override
  public void step(Buffer stepValues) {
    device.kernels().adamW(options, weights, computeWeights, gradients, m, v, decayed, stepValues);
  }

  @Override
  public float[] biasCorrections(long t) {
    return new float[] {
      (float) (1 - StrictMath.pow(options.beta1(), (double) t)),
      (float) (1 - StrictMath.pow(options.beta2(), (double) t))
    };
  }

  @Override
  public SequencedMap<String, Buffer> state() {
    SequencedMap<String, Buffer> state = new LinkedHashMap<>();
    state.put("adamw.m", m);
    state.put("adamw.v", v);
    return state;
  }

  @Override
  public void close() {
    if (m.alive()) {
      m.release();
      v.release();
    }
  }
}
