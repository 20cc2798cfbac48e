package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The output matrix and the cross entropy of labelled rows, fused by chunks.
 *
 * <p>Only rows with a label reach the output matrix, and only one chunk of logits exists at a time:
 * logits of a chunk, loss and gradient in their place, the hidden rows' gradient, the matrix's
 * gradient. So the memory is that of one chunk, and the gradient is ready when the forward pass
 * ends.
 */
public final class LanguageHead {

  /** Rows of a chunk are a multiple of this. */
  private static final long ROWS = 32;

  /**
   * The labels of a batch.
   *
   * @param position I32, capacity: the labelled rows; -1 where there is none
   * @param target I32, capacity: their classes; {@link CrossEntropy#IGNORE} where there is none
   * @param count labelled rows, from the first on
   */
  public record Labels(Buffer position, Buffer target, long count) {}

  private final Parameter weight;
  private final Parameter bias;
  private final CrossEntropy options;
  private final long budget;

  /**
   * A head.
   *
   * @param weight V x C: the output matrix, usually the embedding itself
   * @param bias V, or null for none
   * @param options smoothing and z-loss
   * @param budget bytes that a chunk's logits may take
   */
  public LanguageHead(Parameter weight, Parameter bias, CrossEntropy options, long budget) {
    this.weight = weight;
    this.bias = bias;
    this.options = options;
    this.budget = budget;
  }

  /** Rows of a chunk under the byte budget, at least one group of rows. */
  public long chunkRows() {
    long row = weight.matrix().rows() * weight.value().dtype().bytes();
    return Math.max(1, budget / row / ROWS) * ROWS;
  }

  /**
   * Adds the labelled rows' losses to a term: scaled on a recording tape, else their plain sum.
   *
   * @param hidden N x C
   * @param rowLoss F32, capacity: each labelled row's loss, or null if nobody wants them
   */
  public void loss(Tape tape, Tensor hidden, Labels labels, LossTerm term, Buffer rowLoss) {
    Kernels kernels = tape.kernels();
    long vocabulary = weight.matrix().rows();
    long chunk = Math.min(chunkRows(), Math.ceilDiv(Math.max(1, labels.count()), ROWS) * ROWS);
    boolean training = tape.recording();
    Buffer scale = term.scale();
    Buffer gradient = null;
    if (training) {
      gradient = tape.scratch(hidden.name() + " gradient", hidden.data().length());
      kernels.fill(gradient, 0);
    }
    Buffer rows = tape.scratch("head rows", chunk * hidden.width());
    Buffer rowGradients = training ? tape.scratch("head row gradients", rows.length()) : null;
    Buffer logits = tape.scratch("head logits", chunk * vocabulary);
    Buffer losses = tape.floats("head losses", chunk);
    for (long from = 0; from < labels.count(); from += chunk) {
      long n = Math.min(chunk, labels.count() - from);
      Buffer position = labels.position().slice(from, n);
      Matrix x = Matrix.of(rows, n, hidden.width());
      Matrix z = Matrix.of(logits, n, vocabulary);
      Buffer loss = losses.slice(0, n);
      kernels.gatherRows(x, hidden.matrix(), position, false);
      kernels.matmul(z, x, weight.matrix().t(), epilogue());
      kernels.crossEntropy(
          options, loss, z, labels.target().slice(from, n), training ? scale : null);
      kernels.addSum(term.total(), loss, training ? scale : null);
      if (rowLoss != null) {
        kernels.copy(rowLoss.slice(from, n), loss);
      }
      if (training) {
        Matrix dx = Matrix.of(rowGradients, n, hidden.width());
        kernels.matmul(dx, z, weight.matrix(), Epilogue.STORE);
        kernels.matmul(weight.gradientMatrix(), z.t(), x, Epilogue.ADD);
        if (bias != null) {
          kernels.addColumnSums(bias.gradient(), z);
        }
        kernels.scatterAddRows(Matrix.of(gradient, hidden.rows(), hidden.width()), dx, position);
      }
    }
    losses.release();
    logits.release();
    rows.release();
    if (training) {
      rowGradients.release();
      Buffer kept = gradient;
      tape.record("head", () -> tape.pass(hidden, kept), List.of(), kept);
    }
  }

  /**
   * How many of the first labelled rows have their target as the largest logit. It downloads a
   * chunk of logits after the other: for evaluation.
   *
   * @param targets class of each labelled row; those that are {@link CrossEntropy#IGNORE} never hit
   */
  public long hits(Tape tape, Tensor hidden, Labels labels, int[] targets) {
    int vocabulary = Math.toIntExact(weight.matrix().rows());
    long chunk = Math.clamp(budget / Float.BYTES / vocabulary, 1, Math.max(1, targets.length));
    Buffer rows = tape.scratch("head rows", chunk * hidden.width());
    Buffer logits = tape.floats("head logits", chunk * vocabulary);
    float[] host = new float[Math.toIntExact(chunk * vocabulary)];
    long hits = 0;
    for (int from = 0; from < targets.length; from += Math.toIntExact(chunk)) {
      int n = Math.toIntExact(Math.min(chunk, targets.length - from));
      Matrix x = Matrix.of(rows, n, hidden.width());
      Matrix z = Matrix.of(logits, n, vocabulary);
      tape.kernels().gatherRows(x, hidden.matrix(), labels.position().slice(from, n), false);
      tape.kernels().matmul(z, x, weight.matrix().t(), epilogue());
      tape.device()
          .download(
              MemorySegment.ofArray(host).asSlice(0, (long) n * vocabulary * Float.BYTES),
              logits.slice(0, (long) n * vocabulary));
      for (int i = 0; i < n; i++) {
        hits += largest(host, i * vocabulary, vocabulary) == targets[from + i] ? 1 : 0;
      }
    }
    rows.release();
    logits.release();
    return hits;
  }

  private static int largest(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      best = values[from + i] > values[from + best] ? i : best;
    }
    return best;
  }

  /**
   * Draws a class for each labelled row, without a gradient: see {@link Kernels#sampleRows}.
   *
   * @param stream of random bits
   * @param ids I32, M: receives the classes at the rows' positions
   * @param replaced I32, M: receives there whether they differ from the targets
   */
  public void sample(
      Tape tape,
      Tensor hidden,
      Labels labels,
      int stream,
      Buffer stepValues,
      Buffer ids,
      Buffer replaced) {
    long vocabulary = weight.matrix().rows();
    long chunk = Math.min(chunkRows(), Math.ceilDiv(Math.max(1, labels.count()), ROWS) * ROWS);
    Buffer rows = tape.scratch("head rows", chunk * hidden.width());
    Buffer logits = tape.scratch("head logits", chunk * vocabulary);
    for (long from = 0; from < labels.count(); from += chunk) {
      long n = Math.min(chunk, labels.count() - from);
      Buffer position = labels.position().slice(from, n);
      Buffer target = labels.target().slice(from, n);
      Matrix x = Matrix.of(rows, n, hidden.width());
      Matrix z = Matrix.of(logits, n, vocabulary);
      tape.kernels().gatherRows(x, hidden.matrix(), position, false);
      tape.kernels().matmul(z, x, weight.matrix().t(), epilogue());
      tape.kernels().sampleRows(ids, replaced, z, position, target, stream, from, stepValues);
    }
    logits.release();
    rows.release();
  }

  /**
   * The logits of every row, N x V, F32: for generation, where rows are few. The caller releases
   * them.
   */
  public Buffer logits(Tape tape, Tensor hidden) {
    long vocabulary = weight.matrix().rows();
    Buffer logits = tape.floats("logits", hidden.rows() * vocabulary);
    tape.kernels()
        .matmul(
            Matrix.of(logits, hidden.rows(), vocabulary),
            hidden.matrix(),
            weight.matrix().t(),
            epilogue());
    return logits;
  }

  private Epilogue epilogue() {
    return Epilogue.bias(bias == null ? null : bias.value());
  }
}
