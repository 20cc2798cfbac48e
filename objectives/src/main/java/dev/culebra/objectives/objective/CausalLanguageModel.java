package dev.culebra.objectives.objective;

import dev.culebra.objectives.architecture.Decoder;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.CrossEntropy;
import dev.culebra.runtime.tensor.LanguageHead;
import dev.culebra.runtime.tensor.LossTerm;
import dev.culebra.runtime.tensor.Tape;
import dev.culebra.runtime.tensor.Tensor;

/**
 * Next-token prediction by a decoder (Radford et al. 2018): cross entropy of every labelled row.
 */
public final class CausalLanguageModel {

  private final Decoder decoder;
  private final LanguageHead head;

  /**
   * Next-token prediction.
   *
   * @param options label smoothing and z-loss
   * @param budget bytes that a chunk of logits may take
   */
  public CausalLanguageModel(Decoder decoder, CrossEntropy options, long budget) {
    this.decoder = decoder;
    this.head = decoder.head(options, budget);
  }

  /** The decoder. */
  public Decoder decoder() {
    return decoder;
  }

  /** The output matrix. */
  public LanguageHead head() {
    return head;
  }

  /** Adds the batch's loss to the step's; see {@link LanguageHead#loss}. */
  public void loss(Tape tape, DeviceBatch batch, Buffer stepValues, Buffer rowLoss) {
    Tensor hidden = decoder.forward(tape, batch.input());
    head.loss(tape, hidden, batch.labels(), LossTerm.of(stepValues, 0), rowLoss);
  }
}
