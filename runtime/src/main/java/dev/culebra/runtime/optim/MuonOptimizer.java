package dev.culebra.runtime.optim;

import dev.culebra.runtime.device.Acquired;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.kernel.AdamW;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import dev.culebra.runtime.tensor.Parameter;
import dev.culebra.runtime.tensor.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;

/**
 * Muon for hidden matrices, AdamW for everything else (Jordan et al. 2024, "Muon: An optimizer for
 * hidden layers in neural networks").
 *
 * <p>The momentum of each matrix is replaced by the nearest semi-orthogonal one, by five
 * Newton-Schulz steps of the quintic 3.4445 x - 4.7750 x^3 + 2.0315 x^5. Updates are scaled by 0.2
 * sqrt(max(rows, columns)), so that they are as large as AdamW's and share its learning rate (Liu
 * et al. 2025, arXiv:2502.16982). Parts that lie in one parameter, such as queries, keys and
 * values, are orthogonalised each on its own.
 */
public final class MuonOptimizer implements Optimizer {

  private static final float A = 3.4445f;
  private static final float B = -4.7750f;
  private static final float C = 2.0315f;
  private static final int STEPS = 5;

  /** A matrix that Muon takes: its place in the big buffers. */
  private record Hidden(long offset, long rows, long cols) {
    long length() {
      return rows * cols;
    }
  }

  private final Device device;
  private final float momentum;
  private final float weightDecay;
  private final Parameters parameters;
  private final List<Hidden> matrices = new ArrayList<>();
  private final long hiddenLength;
  private final Buffer m;
  private final AdamWOptimizer rest;

  /**
   * Muon with momentum 0.95 beside AdamW, whose weight decay it shares.
   *
   * @throws IllegalArgumentException if the model has no hidden matrix
   */
  public MuonOptimizer(Device device, Parameters parameters, AdamW options) {
    this.device = device;
    this.momentum = 0.95f;
    this.weightDecay = options.weightDecay();
    this.parameters = parameters;
    long end = 0;
    for (Parameter parameter : parameters.all()) {
      if (parameter.kind() != Parameter.Kind.HIDDEN) {
        continue;
      }
      long offset = parameter.offset();
      end = Math.max(end, offset + parameter.length());
      for (Parameter.Part part : parameter.parts()) {
        long rows = part.shape().getFirst(); // a convolution's kernels are rows
        matrices.add(new Hidden(offset, rows, part.length() / rows));
        offset += part.length();
      }
    }
    if (matrices.isEmpty()) {
      throw new IllegalArgumentException("the model has no hidden matrix for Muon");
    }
    this.hiddenLength = end;
    try (Acquired acquired = new Acquired()) {
      this.m = acquired.add(device.allocate("momentum", DType.F32, hiddenLength));
      this.rest = new AdamWOptimizer(device, parameters, options, hiddenLength);
      acquired.keep();
    }
  }

  @Override
  public void step(Buffer stepValues) {
    Kernels kernels = device.kernels();
    Buffer update = device.workspace().allocate("muon update", DType.F32, hiddenLength);
    kernels.muonMomentum(
        update, m, parameters.gradients().slice(0, hiddenLength), momentum, stepValues);
    for (Hidden matrix : matrices) {
      Buffer x = update.slice(matrix.offset, matrix.length());
      orthogonalize(x, matrix.rows, matrix.cols);
      Buffer compute = parameters.computeWeights();
      kernels.muonUpdate(
          parameters.masters().slice(matrix.offset, matrix.length()),
          compute == null ? null : compute.slice(matrix.offset, matrix.length()),
          x,
          0.2f * (float) Math.sqrt((double) Math.max(matrix.rows, matrix.cols)),
          weightDecay,
          stepValues);
    }
    update.release();
    rest.step(stepValues);
  }

  /** Newton-Schulz in place, on the smaller Gram matrix. */
  private void orthogonalize(Buffer x, long rows, long cols) {
    Kernels kernels = device.kernels();
    long small = Math.min(rows, cols);
    boolean tall = rows > cols;
    Buffer gram = device.workspace().allocate("muon gram", DType.F32, small * small);
    Buffer square = device.workspace().allocate("muon gram squared", DType.F32, small * small);
    Buffer next = device.workspace().allocate("muon product", DType.F32, x.length());
    Matrix mx = Matrix.of(x, rows, cols);
    Matrix mn = Matrix.of(next, rows, cols);
    Matrix g = Matrix.of(gram, small, small);
    Matrix s = Matrix.of(square, small, small);
    kernels.normalize(x, x);
    for (int i = 0; i < STEPS; i++) {
      kernels.matmul(g, tall ? mx.t() : mx, tall ? mx : mx.t(), Epilogue.STORE);
      kernels.matmul(s, g, g, Epilogue.STORE);
      kernels.axpby(square, B, gram, C);
      kernels.matmul(mn, tall ? mx : s, tall ? s : mx, Epilogue.STORE);
      kernels.axpby(x, 1, next, A);
    }
    next.release();
    square.release();
    gram.release();
  }

  @Override
  public float[] biasCorrections(long t) {
    return rest.biasCorrections(t);
  }

  @Override
  public SequencedMap<String, Buffer> state() {
    SequencedMap<String, Buffer> state = rest.state();
    state.put("muon.m", m);
    return state;
  }

  @Override
  public void close() {
    if (m.alive()) {
      m.release();
    }
    rest.close();
  }
}
