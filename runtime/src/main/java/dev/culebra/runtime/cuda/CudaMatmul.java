package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cublas.cublasLtMatmulHeuristicResult_t;
import dev.culebra.runtime.cuda.MatmulKey.Fused;
import dev.culebra.runtime.device.Buffer;
import dev.culebra.runtime.device.DType;
import dev.culebra.runtime.kernel.Contract;
import dev.culebra.runtime.kernel.Epilogue;
import dev.culebra.runtime.kernel.Matrix;
import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Matrix products by cuBLASLt.
 *
 * <p>An epilogue is fused where cuBLASLt has an algorithm for it; else the plain product is
 * followed by a kernel of ours.
 */
final class CudaMatmul implements AutoCloseable {

  private static final String NAME = "matmul";

  /** What cuBLASLt asks of the addresses of bias and pre-activation, in bytes. */
  private static final long EPILOGUE_ALIGNMENT = 16;

  /** What cuBLASLt asks of the pre-activation's row length, in elements. */
  private static final long AUX_MULTIPLE = 8;

  private final Launcher launcher;
  private final Grids grids;
  private final BlasHandle handle;
  private final Arena arena;
  private final Map<MatmulKey, Optional<CudaMatmulPlan>> plans = new HashMap<>();
  private final Resources resources = new Resources();

  CudaMatmul(Launcher launcher, BlasHandle handle, Arena arena) {
    this.launcher = launcher;
    this.grids = new Grids(launcher);
    this.handle = handle;
    this.arena = arena;
  }

  /** See {@link dev.culebra.runtime.kernel.Kernels#matmul}. */
  void matmul(Matrix c, Matrix a, Matrix b, Epilogue epilogue) {
    check(c, a, b, epilogue);
    if (c.rows() == 0 || c.cols() == 0) {
      return;
    }
    Fused wanted = wanted(epilogue);
    if (a.width() > 0 && fits(c, epilogue)) {
      Optional<CudaMatmulPlan> fused = plan(MatmulKey.of(c, a, b, epilogue.accumulate(), wanted));
      if (fused.isPresent()) {
        run(fused.get(), c, a, b, epilogue);
        return;
      }
    }
    if (wanted == Fused.NOTHING) {
      plain(c, a, b, epilogue.accumulate());
    } else {
      Buffer product = launcher.scratch("product", DType.F32, c.rows() * c.cols());
      plain(Matrix.of(product, c.rows(), c.cols()), a, b, false);
      finish(c, product, epilogue);
      product.release();
    }
  }

  private void plain(Matrix c, Matrix a, Matrix b, boolean accumulate) {
    if (a.width() == 0) {
      if (!accumulate) {
        clear(c);
      }
      return;
    }
    MatmulKey key = MatmulKey.of(c, a, b, accumulate, Fused.NOTHING);
    CudaMatmulPlan plan =
        plan(key)
            .orElseThrow(
                () -> new IllegalStateException("cuBLASLt has no algorithm for the matmul " + key));
    run(plan, c, a, b, Epilogue.STORE);
  }

  private static void run(CudaMatmulPlan plan, Matrix c, Matrix a, Matrix b, Epilogue epilogue) {
    plan.run(
        address(c.data()),
        address(a.data()),
        address(b.data()),
        address(epilogue.bias()),
        address(epilogue.preActivation()));
  }

  private static long address(Buffer buffer) {
    return buffer == null ? 0 : buffer.memory().address();
  }

  private static Fused wanted(Epilogue epilogue) {
    if (epilogue.preActivation() == null) {
      return epilogue.bias() == null ? Fused.NOTHING : Fused.BIAS;
    }
    return epilogue.bias() == null ? Fused.GELU : Fused.BIAS_GELU;
  }

  private static boolean fits(Matrix c, Epilogue epilogue) {
    boolean gelu = epilogue.preActivation() != null;
    return (address(epilogue.bias()) | address(epilogue.preActivation())) % EPILOGUE_ALIGNMENT == 0
        && (!gelu || c.cols() % AUX_MULTIPLE == 0);
  }

  private Optional<CudaMatmulPlan> plan(MatmulKey key) {
    return plans.computeIfAbsent(
        key,
        wanted -> {
          Optional<CudaMatmulPlan> plan =
              CudaMatmulPlan.of(handle, wanted, cublasLtMatmulHeuristicResult_t.allocate(arena));
          plan.ifPresent(resources::add);
          return plan;
        });
  }

  private void clear(Matrix c) {
    grids
        .overValues(
            launcher.function("epilogue.cu", "clear_matrix", macro(c.data())),
            Math.multiplyExact(c.rows(), c.cols()),
            1)
        .arg(c.data())
        .arg(c.stride())
        .arg(c.rows())
        .arg(c.cols())
        .run();
  }

  /** c = product + bias, or gelu of that, which is kept then; rounded once, as when it is fused. */
  private void finish(Matrix c, Buffer product, Epilogue epilogue) {
    launcher
        .launch(launcher.function("epilogue.cu", "finish_product", macro(c.data())), c.rows(), 256)
        .arg(c.data())
        .arg(c.stride())
        .arg(epilogue.preActivation())
        .arg(product)
        .arg(epilogue.bias())
        .arg(c.cols())
        .run();
  }

  private static String macro(Buffer c) {
    return "RESULT=" + (c.dtype() == DType.BF16 ? "bf16" : "float");
  }

  private static void check(Matrix c, Matrix a, Matrix b, Epilogue epilogue) {
    Contract.product(NAME, c, a, b);
    DType type = a.data().dtype();
    floats("a", a.data());
    floats("c", c.data());
    if (b.data().dtype() != type || (type == DType.F32 && c.data().dtype() != DType.F32)) {
      throw Contract.wrong(
          NAME,
          "a, b and c must be of one type, or c F32: they are "
              + a.data()
              + ", "
              + b.data()
              + " and "
              + c.data());
    }
    DType result = c.data().dtype();
    Contract.matrix(NAME, "c", c, result);
    if (epilogue.bias() != null) {
      Contract.buffer(NAME, "bias", epilogue.bias(), result, c.cols());
    }
    if (epilogue.preActivation() != null) {
      Contract.buffer(
          NAME,
          "preActivation",
          epilogue.preActivation(),
          result,
          Math.multiplyExact(c.rows(), c.cols()));
    }
    a.data().memory();
    b.data().memory();
  }

  private static void floats(String what, Buffer x) {
    if (x.dtype() == DType.I32) {
      throw Contract.wrong(NAME, what + " must be floating-point, but it is " + x);
    }
  }

  @Override
  public void close() {
    plans.clear();
    resources.close();
  }
}
