package dev.culebra.train.run;

import dev.culebra.runtime.text.Format;

/**
 * The loss or a gradient is no longer a number; the message names the step and the first tensor.
 */
public final class NonFiniteException extends RuntimeException {

  NonFiniteException(long step, TrainingStep.Result result, String first, String kept) {
    super(
        Format.text(
            "step %d is not finite (loss %s, gradient norm %s); the first such tensor is %s; %s. A"
                + " lower optimizer.learningRate or a longer schedule.warmup usually helps",
            step, result.loss(), result.gradientNorm(), first, kept));
  }
}
