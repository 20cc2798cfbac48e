package dev.culebra.runtime.kernel;

/**
 * Where the values that change from step to step lie in a step's F32 buffer.
 *
 * <p>Operations read them from device memory, so that a captured step can be replayed.
 */
public final class StepValues {

  /** Learning rate. */
  public static final int LEARNING_RATE = 0;

  /** 1 - beta1^step. */
  public static final int BIAS_CORRECTION_1 = 1;

  /** 1 - beta2^step. */
  public static final int BIAS_CORRECTION_2 = 2;

  /** 1 / number of labels over all micro-batches: what each row's loss is multiplied by. */
  public static final int LOSS_SCALE = 3;

  /** Global norm of the gradient, written by {@link Kernels#globalNorm}. */
  public static final int GRADIENT_NORM = 4;

  /** What clipping multiplies gradients by; NaN if a gradient is not finite. */
  public static final int GRADIENT_SCALE = 5;

  /** Sum of the scaled losses of the step's rows. */
  public static final int LOSS = 6;

  /** Seed of the step's random bits: the bits of an int, stored in the place of a float. */
  public static final int SEED = 7;

  /** Number of values. */
  public static final int COUNT = 8;

  private StepValues() {}
}
