package dev.culebra.runtime.cpu;

import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.MemorySegment;

/**
 * Matrix products: the result is cut into pieces by {@link CpuMatmulPlan}, OpenBLAS multiplies, and
 * each piece gets its epilogue while it is in cache.
 */
final class CpuMatmul {

  private static final String NAME = "matmul";

  private final CpuPool pool;

  CpuMatmul(CpuPool pool) {
    this.pool = pool;
  }

  /** See {@link dev.culebra.runtime.kernel.Kernels#matmul}. */
  void matmul(Matrix c, Matrix a, Matrix b, Epilogue epilogue) {
    Contract.product(NAME, c, a, b);
    Product product = new Product(c, a, b, epilogue);
    if (c.rows() > 0 && c.cols() > 0) {
      pool.run(product.plan.pieces(), product);
    }
  }

  /** One product; task i is its i-th piece, row by row of pieces. */
  private final class Product implements CpuPool.Task {
    final CpuMatmulPlan plan;
    private final Operand a;
    private final Operand b;
    private final MemorySegment c;
    private final MemorySegment bias;
    private final MemorySegment preActivation;
    private final long m;
    private final long n;
    private final long k;
    private final long stride;
    private final float beta;

    Product(Matrix result, Matrix left, Matrix right, Epilogue epilogue) {
      a = new Operand("a", left);
      b = new Operand("b", right);
      c = Contract.f32(NAME, "c", result);
      m = result.rows();
      n = result.cols();
      k = left.width();
      stride = result.stride();
      bias = optional("bias", epilogue.bias(), n);
      preActivation = optional("preActivation", epilogue.preActivation(), Math.multiplyExact(m, n));
      beta = epilogue.accumulate() ? 1 : 0;
      plan = CpuMatmulPlan.of(m, n, k, left.transposed(), right.transposed());
    }

    private MemorySegment optional(String what, Buffer buffer, long length) {
      return buffer == null ? null : Contract.f32(NAME, what, buffer, length);
    }

    @Override
    public void run(long piece, int thread) {
      long across = Math.ceilDiv(n, plan.pieceCols());
      long i = piece / across * plan.pieceRows();
      long j = piece % across * plan.pieceCols();
      long rows = Math.min(plan.pieceRows(), m - i);
      long cols = Math.min(plan.pieceCols(), n - j);
      if (k == 0) {
        clear(i, rows, j, cols);
        finish(i, rows, j, cols);
        return;
      }
      switch (plan.method()) {
        case WHOLE -> {
          multiply(i, rows, j, cols, 0, k, b.transposed, b.from(0, j), b.stride);
          finish(i, rows, j, cols);
        }
        case SUM -> {
          sum(i, rows, j, cols);
          finish(i, rows, j, cols);
        }
        case PANELS -> {
          Scratch scratch = new Scratch(pool, thread);
          scratch.reserve(CpuMatmulPlan.PANELS, Transpose.SCRATCH);
          panels(
              i,
              rows,
              j,
              cols,
              scratch.next(CpuMatmulPlan.PANELS),
              scratch.next(Transpose.SCRATCH));
          finish(i, rows, j, cols);
        }
      }
    }

    /** The whole piece, a few terms at a time. */
    private void sum(long i, long rows, long j, long cols) {
      long width = Math.min(cols, CpuMatmulPlan.SUM_COLS);
      long depth = CpuMatmulPlan.SMALL / (rows * width);
      for (long l = 0; l < k; l += depth) {
        for (long from = j; from < j + cols; from += width) {
          long count = Math.min(width, j + cols - from);
          multiply(
              i, rows, from, count, l, Math.min(depth, k - l), false, b.from(l, from), b.stride);
        }
      }
    }

    /** The whole piece, a few terms at a time, with those of the right factor copied to panels. */
    private void panels(
        long i, long rows, long j, long cols, MemorySegment panels, MemorySegment scratch) {
      for (long l = 0; l < k; l += CpuMatmulPlan.PANEL_DEPTH) {
        long depth = Math.min(CpuMatmulPlan.PANEL_DEPTH, k - l);
        b.copyToPanels(l, depth, j, cols, panels, scratch);
        for (long from = 0; from < cols; from += CpuMatmulPlan.PANEL_COLS) {
          long width = Math.min(CpuMatmulPlan.PANEL_COLS, cols - from);
          MemorySegment panel = panels.asSlice(from * depth * Float.BYTES);
          for (long row = i; row < i + rows; row += CpuMatmulPlan.PANEL_ROWS) {
            long count = Math.min(CpuMatmulPlan.PANEL_ROWS, i + rows - row);
            multiply(row, count, j + from, width, l, depth, false, panel, width);
          }
        }
      }
    }

    /** Adds terms {@code l} to {@code l + depth} to a block of the result. */
    private void multiply(
        long i,
        long rows,
        long j,
        long cols,
        long l,
        long depth,
        boolean transposeRight,
        MemorySegment right,
        long rightStride) {
      Blas.gemm(
          a.transposed,
          transposeRight,
          rows,
          cols,
          depth,
          1,
          a.from(i, l),
          a.stride,
          right,
          rightStride,
          l == 0 ? beta : 1,
          result(i, j),
          stride);
    }

    private void clear(long i, long rows, long j, long cols) {
      for (long row = i; row < i + rows && beta == 0; row++) {
        result(row, j).asSlice(0, cols * Float.BYTES).fill((byte) 0);
      }
    }

    /** The epilogue of a block of the result. */
    private void finish(long i, long rows, long j, long cols) {
      if (preActivation != null) {
        CpuElementwise.biasGelu(
            c, i * stride + j, stride, rows, cols, bias, j, preActivation, i * n + j, n);
      } else if (bias != null) {
        CpuElementwise.bias(c, i * stride + j, stride, rows, cols, bias, j);
      }
    }

    private MemorySegment result(long i, long j) {
      return c.asSlice((i * stride + j) * Float.BYTES);
    }
  }

  /** A factor as the operation sees it. */
  private static final class Operand {
    final boolean transposed;
    final long stride;
    private final MemorySegment memory;

    Operand(String what, Matrix matrix) {
      memory = Contract.f32(NAME, what, matrix.data(), matrix.data().length());
      transposed = matrix.transposed();
      stride = matrix.stride();
    }

    /** The memory from element (i, j) on. */
    MemorySegment from(long i, long j) {
      return memory.asSlice((transposed ? j * stride + i : i * stride + j) * Float.BYTES);
    }

    /**
     * Copies rows and columns, as the operation sees them, cut into panels of columns: each lies
     * densely after the one before.
     */
    void copyToPanels(
        long i, long rows, long j, long cols, MemorySegment panels, MemorySegment scratch) {
      if (transposed) {
        for (long from = 0; from < cols; from += CpuMatmulPlan.PANEL_COLS) {
          long width = Math.min(CpuMatmulPlan.PANEL_COLS, cols - from);
          long at = (j + from) * stride + i;
          Transpose.transpose(memory, at, stride, width, rows, panels, from * rows, width, scratch);
        }
        return;
      }
      for (long row = 0; row < rows; row++) {
        for (long from = 0; from < cols; from += CpuMatmulPlan.PANEL_COLS) {
          long width = Math.min(CpuMatmulPlan.PANEL_COLS, cols - from);
          long target = from * rows + row * width;
          View.copy(panels, target, memory, (i + row) * stride + j + from, width);
        }
      }
    }
  }
}
