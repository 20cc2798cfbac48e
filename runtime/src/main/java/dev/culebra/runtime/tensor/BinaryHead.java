package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A question of two answers about each row: one logit z = x w + b, and the binary cross entropy,
 * which is the cross entropy of the two logits 0 and z.
 */
public final class BinaryHead {

  private final Parameter weight;
  private final Parameter bias;

  /**
   * A head.
   *
   * @param weight 1 x C
   * @param bias 1 value
   */
  public BinaryHead(Parameter weight, Parameter bias) {
    this.weight = weight;
    this.bias = bias;
  }

  /**
   * Adds the rows' losses to a term: scaled on a recording tape, else their plain sum.
   *
   * @param x N x C
   * @param target I32, N: 0, 1 or {@link CrossEntropy#IGNORE}
   */
  public void loss(Tape tape, Tensor x, Buffer target, LossTerm term) {
    Kernels kernels = tape.kernels();
    long n = x.rows();
    boolean training = tape.recording();
    Buffer scale = training ? term.scale() : null;
    Buffer logits = tape.scratch("answers", 2 * n);
    kernels.fill(logits, 0);
    Matrix both = Matrix.of(logits, n, 2);
    Matrix z = both.columns(1, 1);
    kernels.matmul(z, x.matrix(), weight.matrix().t(), Epilogue.bias(bias.value()));
    Buffer losses = tape.floats("answers' losses", n);
    kernels.crossEntropy(CrossEntropy.PLAIN, losses, both, target, scale);
    kernels.addSum(term.total(), losses, scale);
    losses.release();
    if (!training) {
      logits.release();
      return;
    }
    Buffer gradient = tape.scratch(x.name() + " gradient", x.data().length());
    kernels.matmul(Matrix.of(gradient, n, x.width()), z, weight.matrix(), Epilogue.STORE);
    kernels.matmul(weight.gradientMatrix(), z.t(), x.matrix(), Epilogue.ADD);
    kernels.addColumnSums(bias.gradient(), z);
    logits.release();
    tape.record("answers", () -> tape.pass(x, gradient), List.of(), gradient);
  }

  /** The logits of all rows, on the host: for evaluation. */
  public float[] logits(Tape tape, Tensor x) {
    float[] host = new float[Math.toIntExact(x.rows())];
    Buffer logits = tape.floats("answers", x.rows());
    tape.kernels()
        .matmul(
            Matrix.of(logits, x.rows(), 1),
            x.matrix(),
            weight.matrix().t(),
            Epilogue.bias(bias.value()));
    tape.device().download(MemorySegment.ofArray(host), logits);
    logits.release();
    return host;
  }
}
