package dev.culebra.runtime.cuda;

import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Matrix;

/**
 * Everything that the choice of a matmul algorithm depends on, as cuBLASLt sees it.
 *
 * <p>cuBLASLt stores matrices by columns, so a row-major C = A B is computed as C^T = B^T A^T: its
 * first operand is our right one, and the transposes need no moving.
 *
 * @param m columns of our C
 * @param n rows of our C
 * @param k terms of each sum
 * @param left our right operand
 * @param right our left operand
 * @param result our C
 * @param accumulate whether the product is added to C
 * @param epilogue what is fused
 */
record MatmulKey(
    long m,
    long n,
    long k,
    Operand left,
    Operand right,
    Operand result,
    boolean accumulate,
    Fused epilogue) {

  /** What cuBLASLt does with the product on its way to memory. */
  enum Fused {
    NOTHING,
    BIAS,
    GELU,
    BIAS_GELU
  }

  /**
   * A matrix: its size in memory, by columns, and how well it is aligned.
   *
   * @param alignment bytes, a power of two up to 256
   */
  record Operand(DType type, long rows, long cols, long stride, boolean transposed, int alignment) {

    static Operand of(Matrix matrix) {
      return new Operand(
          matrix.data().dtype(),
          /* rows= */ matrix.cols(),
          /* cols= */ matrix.rows(),
          Math.max(1, matrix.stride()),
          matrix.transposed(),
          alignment(matrix.data().memory().address()));
    }

    private static int alignment(long address) {
      return (int) Math.min(256, Long.lowestOneBit(address | 256));
    }
  }

  static MatmulKey of(Matrix c, Matrix a, Matrix b, boolean accumulate, Fused epilogue) {
    return new MatmulKey(
        c.cols(),
        c.rows(),
        a.width(),
        Operand.of(b),
        Operand.of(a),
        Operand.of(c),
        accumulate,
        epilogue);
  }
}
