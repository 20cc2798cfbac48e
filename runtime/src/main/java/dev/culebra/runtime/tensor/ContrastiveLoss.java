package dev.culebra.runtime.tensor;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contrast;
import dev.culebra.runtime.kernel.Kernels;
import dev.culebra.runtime.kernel.Negatives;
import java.util.List;

/**
 * Losses of pairs of embeddings: queries, and keys of which the first N are theirs.
 *
 * <p>The gradient is made in the forward pass, as long as the logits are at hand, and handed on in
 * the backward pass. The temperature and the bias are computed with in float32.
 */
public final class ContrastiveLoss {

  private ContrastiveLoss() {}

  /**
   * Adds the contrastive loss of each query, {@link Kernels#contrast}, to a term: scaled on a
   * recording tape, else their plain sum.
   *
   * @param q N x D, usually of unit length
   * @param k M x D, likewise; those behind the first N are hard negatives
   * @param logScale one value, t': logits are exp(t') q k
   * @param negatives {@link Negatives#ALL} for no rule
   * @param rowLoss F32, N: each query's loss, or null if nobody wants them
   */
  public static void infoNce(
      Tape tape,
      Tensor q,
      Tensor k,
      Parameter logScale,
      Contrast options,
      Negatives negatives,
      LossTerm term,
      Buffer rowLoss) {
    loss(
        tape,
        "infoNce",
        q,
        k,
        term,
        rowLoss,
        (loss, dq, dk, scale) ->
            tape.kernels()
                .contrast(
                    options,
                    loss,
                    dq,
                    dk,
                    scale == null ? null : logScale.gradient(),
                    q.matrix(),
                    k.matrix(),
                    logScale.master(),
                    negatives,
                    scale));
  }

  /**
   * Adds the sigmoid loss of each query, {@link Kernels#pairwiseSigmoid}, to a term: scaled on a
   * recording tape, else their plain sum.
   *
   * @param q N x D, usually of unit length
   * @param k M x D, likewise; those behind the first N are negatives of all queries
   * @param logScale one value, t'
   * @param bias one value, b: logits are exp(t') q k + b
   * @param negatives {@link Negatives#ALL} for no rule
   * @param rowLoss F32, N: each query's loss, or null if nobody wants them
   */
  public static void sigmoid(
      Tape tape,
      Tensor q,
      Tensor k,
      Parameter logScale,
      Parameter bias,
      Negatives negatives,
      LossTerm term,
      Buffer rowLoss) {
    loss(
        tape,
        "sigmoid loss",
        q,
        k,
        term,
        rowLoss,
        (loss, dq, dk, scale) ->
            tape.kernels()
                .pairwiseSigmoid(
                    Contrast.BUDGET,
                    loss,
                    dq,
                    dk,
                    scale == null ? null : logScale.gradient(),
                    scale == null ? null : bias.gradient(),
                    q.matrix(),
                    k.matrix(),
                    logScale.master(),
                    bias.master(),
                    negatives,
                    scale));
  }

  private interface Rows {
    /** Computes the losses of all rows, and gradients unless {@code scale} is null. */
    void of(Buffer loss, Buffer dq, Buffer dk, Buffer scale);
  }

  private static void loss(
      Tape tape, String name, Tensor q, Tensor k, LossTerm term, Buffer rowLoss, Rows rows) {
    boolean training = tape.recording();
    Buffer scale = training ? term.scale() : null;
    Buffer dq = training ? tape.scratch(q.name() + " gradient", q.data().length()) : null;
    Buffer dk = training ? tape.scratch(k.name() + " gradient", k.data().length()) : null;
    Buffer losses = tape.floats(name + " of rows", q.rows());
    rows.of(losses, dq, dk, scale);
    tape.kernels().addSum(term.total(), losses, scale);
    if (rowLoss != null) {
      tape.kernels().copy(rowLoss, losses);
    }
    losses.release();
    if (training) {
      tape.record(
          name,
          () -> {
            tape.pass(q, dq);
            tape.pass(k, dk);
          },
          List.of(),
          dq,
          dk);
    }
  }
}
