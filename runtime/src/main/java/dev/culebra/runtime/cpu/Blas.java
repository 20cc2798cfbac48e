package dev.culebra.runtime.cpu;

import dev.culebra.bindings.OpenBlasLibrary;
import dev.culebra.bindings.openblas.Cblas;
import java.lang.foreign.MemorySegment;
import java.util.Set;

/** OpenBLAS's single-precision matrix product, row-major, on the calling thread. */
final class Blas {

  /** Processor families for which OpenBLAS has kernels for small products. */
  private static final Set<String> SMALL = Set.of("SkylakeX", "Cooperlake", "SapphireRapids");

  private static volatile boolean multipliesSmall;

  private Blas() {}

  /**
   * Loads OpenBLAS, held to one thread of its own, and says which it is.
   *
   * @throws dev.culebra.bindings.NativeLibraryException if no usable library is found
   */
  static String load() {
    OpenBlasLibrary library = OpenBlasLibrary.load();
    multipliesSmall = SMALL.contains(library.core());
    return library.config() + ", core " + library.core();
  }

  /**
   * Whether products of up to 10^6 terms, with the right factor not transposed, run at full speed
   * without being copied first.
   */
  static boolean multipliesSmall() {
    return multipliesSmall;
  }

  /**
   * C = alpha op(A) op(B) + beta C, where op transposes or does nothing; op(A) is m x k, op(B) k x
   * n, C m x n. With beta = 0, C is not read; k is positive.
   *
   * <p>The addresses are passed without holding the segments' arenas, which would cost atomic
   * operations on counters that all threads share: the caller keeps the arenas open.
   *
   * @param lda elements from one row of A, as it lies in memory, to the next; as are ldb and ldc
   * @throws IllegalArgumentException if a matrix reaches beyond its segment
   */
  static void gemm(
      boolean transposeA,
      boolean transposeB,
      long m,
      long n,
      long k,
      float alpha,
      MemorySegment a,
      long lda,
      MemorySegment b,
      long ldb,
      float beta,
      MemorySegment c,
      long ldc) {
    if (m == 0 || n == 0) {
      return;
    }
    Cblas.cblas_sgemm(
        Cblas.CblasRowMajor(),
        transposeA ? Cblas.CblasTrans() : Cblas.CblasNoTrans(),
        transposeB ? Cblas.CblasTrans() : Cblas.CblasNoTrans(),
        size(m),
        size(n),
        size(k),
        alpha,
        address(a, transposeA ? k : m, transposeA ? m : k, lda),
        size(Math.max(1, lda)),
        address(b, transposeB ? n : k, transposeB ? k : n, ldb),
        size(Math.max(1, ldb)),
        beta,
        address(c, m, n, ldc),
        size(Math.max(1, ldc)));
  }

  private static int size(long size) {
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a matrix product of size or stride " + size + " is beyond what OpenBLAS takes");
    }
    return Math.toIntExact(size);
  }

  private static MemorySegment address(MemorySegment matrix, long rows, long cols, long stride) {
    if (!matrix.scope().isAlive()) {
      throw new IllegalStateException("a matrix was used after its device was closed");
    }
    if (rows > 0 && cols > 0 && ((rows - 1) * stride + cols) * Float.BYTES > matrix.byteSize()) {
      throw new IllegalArgumentException(
          "a matrix of "
              + rows
              + " x "
              + cols
              + " with stride "
              + stride
              + " is beyond its memory");
    }
    return MemorySegment.ofAddress(matrix.address());
  }
}
