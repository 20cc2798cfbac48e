package dev.culebra.runtime.kernel;

/**
 * Where the values that change from step to step lie in a step's F32 buffer.
 *
 * <p>Operations read them from device memory, so that a captured step can be replayed. A step's
 * loss is a sum of up to {@link #TERMS} terms, each with its own scale and its own sum.
 */
public final class StepValues {

  /** Learning rate. */
  public static final int LEARNING_RATE = 0;

  /** 1 - beta1^step. */
  public static final int BIAS_CORRECTION_1 = 1;

  /** 1 - beta2^step. */
  public static final int BIAS_CORRECTION_2 = 2;

  /** Global norm of the gradient, written by {@link Kernels#globalNorm}. */
  public static final int GRADIENT_NORM = 3;

  /** What clipping multiplies gradients by; NaN if a gradient is not finite. */
  public static final int GRADIENT_SCALE = 4;

  /** Seed of the step's random bits: the bits of an int, stored in the place of a float. */
  public static final int SEED = 5;

  /** The most terms of a loss. */
  public static final int TERMS = 6;

  /**
   * First of the terms' scales, what each row's loss is multiplied by: the term's weight over the
   * number of its labels in all micro-batches.
   */
  public static final int LOSS_SCALE = 6;

  /** First of the terms' sums: of the scaled losses of the step's rows. */
  public static final int LOSS = LOSS_SCALE + TERMS;

  /** Number of values. */
  public static final int COUNT = LOSS + TERMS;

  private StepValues() {}
}
