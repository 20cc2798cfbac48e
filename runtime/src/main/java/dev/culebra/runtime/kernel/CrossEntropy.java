package dev.culebra.runtime.kernel;

/**
 * Options of the cross entropy of rows of logits z against a target class t.
 *
 * <p>With lse = log sum exp z and V classes, the loss of a row is
 *
 * <pre>  lse - (1 - s) z[t] - (s / V) sum z + y lse^2</pre>
 *
 * <p>for smoothing s (PyTorch's definition: s / V on every class) and z-loss y (Chowdhery et al.
 * 2022, arXiv:2204.02311).
 *
 * @param labelSmoothing s, in [0, 1)
 * @param zLoss y, at least 0
 */
public record CrossEntropy(float labelSmoothing, float zLoss) {

  /** The target of a row that has no label: its loss and gradient are 0. */
  public static final int IGNORE = -100;

  /** Neither smoothing nor z-loss. */
  public static final CrossEntropy PLAIN = new CrossEntropy(0, 0);

  /** Checks the ranges. */
  public CrossEntropy {
    if (!(labelSmoothing >= 0 && labelSmoothing < 1) || !(zLoss >= 0)) {
      throw new IllegalArgumentException(
          "label smoothing "
              + labelSmoothing
              + " must be in [0, 1), z-loss "
              + zLoss
              + " at least 0");
    }
  }
}
