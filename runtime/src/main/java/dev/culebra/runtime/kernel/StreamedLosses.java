package dev.culebra.runtime.kernel;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;

/**
 * The contrastive losses of {@link Kernels}, the same on every device: a loop over tiles of scores,
 * each a matrix product followed by the device's {@link LogitTiles}.
 *
 * <p>InfoNCE takes two sweeps: one for the log-sum-exp of rows and columns, one for the gradients,
 * which computes the scores again. The sigmoid loss, whose pairs do not depend on each other, takes
 * one. Every sum runs over the tiles in their order, so equal arguments give equal bits.
 */
public final class StreamedLosses {

  private final Kernels kernels;
  private final LogitTiles device;
  private final DType compute;

  /** The losses of a device with the given operations, which computes in {@code compute}. */
  public StreamedLosses(Kernels kernels, LogitTiles device, DType compute) {
    this.kernels = kernels;
    this.device = device;
    this.compute = compute;
  }

  /** See {@link Kernels#contrast}. */
  public void contrast(
      Contrast options,
      Buffer loss,
      Buffer dq,
      Buffer dk,
      Buffer dlogScale,
      Matrix q,
      Matrix k,
      Buffer logScale,
      Negatives negatives,
      Buffer scale) {
    ContrastContract contract = new ContrastContract("contrast", q, k, compute);
    contract.embeddings(loss);
    contract.learned("logScale", logScale, dlogScale);
    contract.negatives(negatives);
    if (scale != null) {
      contract.gradients(dq, dk, scale);
    }
    if (nothingToDo(q, dk, scale)) {
      return;
    }
    Buffer limit = prepare("contrast", negatives, q, k);
    ScoreSweep sweep =
        new ScoreSweep(
            kernels, device, q, k, negatives, limit, options.symmetric(), options.budget());
    Buffer positive = device.scratch("positive logits", DType.F32, q.rows());
    LogitTiles.LogSums rows = logSums("rows", q.rows());
    LogitTiles.LogSums columns = options.symmetric() ? logSums("columns", q.rows()) : null;
    sweep.run(tile -> device.observe(tile, logScale, positive, rows, columns));
    device.finish(loss, positive, rows, columns);
    if (scale != null) {
      Buffer columnLse = columns == null ? null : columns.max();
      Buffer slope = zeros("slope", q.rows());
      ScoreGradient gradient = new ScoreGradient(kernels, device, compute, sweep, q, k, dq, dk);
      sweep.run(
          tile -> {
            Matrix w = gradient.weights(tile);
            device.gradient(w, tile, logScale, scale, rows.max(), columnLse, slope);
            gradient.add(w, tile);
          });
      gradient.finish();
      addSlope(dlogScale, slope, scale);
    }
    release(rows);
    release(columns);
    positive.release();
    sweep.release();
    release(limit);
  }

  /** See {@link Kernels#pairwiseSigmoid}. */
  public void pairwiseSigmoid(
      long budget,
      Buffer loss,
      Buffer dq,
      Buffer dk,
      Buffer dlogScale,
      Buffer dbias,
      Matrix q,
      Matrix k,
      Buffer logScale,
      Buffer bias,
      Negatives negatives,
      Buffer scale) {
    Contrast.requireBudget(budget);
    ContrastContract contract = new ContrastContract("pairwiseSigmoid", q, k, compute);
    contract.embeddings(loss);
    contract.learned("logScale", logScale, dlogScale);
    contract.learned("bias", bias, dbias);
    contract.negatives(negatives);
    if (scale != null) {
      contract.gradients(dq, dk, scale);
    }
    if (nothingToDo(q, dk, scale)) {
      return;
    }
    Buffer limit = prepare("pairwiseSigmoid", negatives, q, k);
    ScoreSweep sweep = new ScoreSweep(kernels, device, q, k, negatives, limit, false, budget);
    kernels.fill(loss, 0);
    if (scale == null) {
      sweep.run(tile -> device.sigmoid(null, tile, loss, logScale, bias, null, null, null));
    } else {
      Buffer slope = zeros("slope", q.rows());
      Buffer biasSlope = zeros("bias slope", q.rows());
      ScoreGradient gradient = new ScoreGradient(kernels, device, compute, sweep, q, k, dq, dk);
      sweep.run(
          tile -> {
            Matrix w = gradient.weights(tile);
            device.sigmoid(w, tile, loss, logScale, bias, scale, slope, biasSlope);
            gradient.add(w, tile);
          });
      gradient.finish();
      addSlope(dbias, biasSlope, scale);
      addSlope(dlogScale, slope, scale);
    }
    sweep.release();
    release(limit);
  }

  /** Without queries nothing is lost, and keys that are negatives alone have no gradient. */
  private boolean nothingToDo(Matrix q, Buffer dk, Buffer scale) {
    if (q.rows() == 0 && scale != null) {
      kernels.fill(dk, 0);
    }
    return q.rows() == 0;
  }

  private Buffer prepare(String operation, Negatives negatives, Matrix q, Matrix k) {
    Buffer limit =
        negatives.guide() == null ? null : device.scratch("guide limits", DType.F32, q.rows());
    device.prepare(operation, negatives, limit, q.rows(), k.rows());
    return limit;
  }

  private LogitTiles.LogSums logSums(String of, long count) {
    Buffer max = device.scratch("log-sum-exp of " + of, DType.F32, padded(count));
    kernels.fill(max, Float.NEGATIVE_INFINITY);
    return new LogitTiles.LogSums(max, zeros("sums of " + of, padded(count)));
  }

  private static long padded(long count) {
    return Math.ceilDiv(count, LogitTiles.ALIGNMENT) * LogitTiles.ALIGNMENT;
  }

  private Buffer zeros(String name, long length) {
    Buffer zeros = device.scratch(name, DType.F32, length);
    kernels.fill(zeros, 0);
    return zeros;
  }

  private void addSlope(Buffer gradient, Buffer slope, Buffer scale) {
    if (gradient != null) {
      kernels.addSum(gradient, slope, scale);
    }
    slope.release();
  }

  private static void release(LogitTiles.LogSums sums) {
    if (sums != null) {
      sums.sum().release();
      sums.max().release();
    }
  }

  private static void release(Buffer buffer) {
    if (buffer != null) {
      buffer.release();
    }
  }
}
