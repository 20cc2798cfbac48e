package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;

/**
 * Matrix products: the result is cut into pieces by a rule that knows its shape alone, and each
 * piece is one call of OpenBLAS, followed by the epilogue while the piece is in cache.
 */
final class CpuMatmul {

  private static final String NAME = "matmul";

  private final CpuPool pool;

  CpuMatmul(CpuPool pool) {
    this.pool = pool;
  }

  /** See {@link dev.culebra.runtime.kernel.Kernels#matmul}. */
  void matmul(Matrix c, Matrix a, Matrix b, Epilogue epilogue) {
    if (a.height() != c.rows() || b.width() != c.cols() || a.width() != b.height()) {
      throw Contract.wrong(
          NAME, shape(a) + " times " + shape(b) + " does not give " + c.rows() + " x " + c.cols());
    }
    Product product = new Product(c, a, b, epilogue);
    if (c.rows() > 0 && c.cols() > 0) {
      pool.run(product.pieces(), product);
    }
  }

  private static String shape(Matrix matrix) {
    return matrix.height() + " x " + matrix.width();
  }

  /** One product; task i is its i-th piece, row by row of pieces. */
  private static final class Product implements CpuPool.Task {
    private final Matrix left;
    private final Matrix right;
    private final MemorySegment a;
    private final MemorySegment b;
    private final MemorySegment c;
    private final MemorySegment bias;
    private final MemorySegment preActivation;
    private final long m;
    private final long n;
    private final long k;
    private final long stride;
    private final float beta;
    private final long pieceRows;
    private final long pieceCols;
    private final long across;

    Product(Matrix result, Matrix left, Matrix right, Epilogue epilogue) {
      this.left = left;
      this.right = right;
      a = Contract.f32(NAME, "a", left.data(), left.data().length());
      b = Contract.f32(NAME, "b", right.data(), right.data().length());
      c = Contract.f32(NAME, "c", result);
      m = result.rows();
      n = result.cols();
      k = left.width();
      stride = result.stride();
      bias = optional("bias", epilogue.bias(), n);
      preActivation = optional("preActivation", epilogue.preActivation(), Math.multiplyExact(m, n));
      beta = epilogue.accumulate() ? 1 : 0;
      pieceRows = Math.min(m, 128);
      pieceCols = Math.min(n, 512);
      across = n == 0 ? 0 : Math.ceilDiv(n, pieceCols);
    }

    private static MemorySegment optional(String what, Buffer buffer, long length) {
      return buffer == null ? null : Contract.f32(NAME, what, buffer, length);
    }

    long pieces() {
      return Math.ceilDiv(m, pieceRows) * across;
    }

    @Override
    public void run(long piece, int thread) {
      long i = piece / across * pieceRows;
      long j = piece % across * pieceCols;
      long rows = Math.min(pieceRows, m - i);
      long cols = Math.min(pieceCols, n - j);
      multiply(i, rows, j, cols);
      if (preActivation != null) {
        CpuElementwise.biasGelu(
            c, i * stride + j, stride, rows, cols, bias, j, preActivation, i * n + j, n);
      } else if (bias != null) {
        CpuElementwise.bias(c, i * stride + j, stride, rows, cols, bias, j);
      }
    }

    private void multiply(long i, long rows, long j, long cols) {
      if (k == 0) {
        for (long row = i; row < i + rows && beta == 0; row++) {
          part(c, row * stride + j).asSlice(0, cols * Float.BYTES).fill((byte) 0);
        }
        return;
      }
      Blas.gemm(
          left.transposed(),
          right.transposed(),
          rows,
          cols,
          k,
          1,
          part(a, left.transposed() ? i : i * left.stride()),
          left.stride(),
          part(b, right.transposed() ? j * right.stride() : j),
          right.stride(),
          beta,
          part(c, i * stride + j),
          stride);
    }

    private static MemorySegment part(MemorySegment matrix, long offset) {
      return matrix.asSlice(offset * Float.BYTES);
    }
  }
}
