package dev.culebra.runtime.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.culebra.bindings.cublas.Cublas;
import dev.culebra.bindings.cublas.CublasLt;
import dev.culebra.bindings.cublas.cublasLtMatmulHeuristicResult_t;
import dev.culebra.runtime.cuda.MatmulKey.Fused;
import dev.culebra.runtime.cuda.MatmulKey.Operand;
import dev.culebra.runtime.device.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A matmul of one shape, ready to run: cuBLASLt's descriptors and the chosen algorithm. */
final class CudaMatmulPlan implements AutoCloseable {

  private final Resources resources = new Resources();
  private final Arena arena = Arena.ofShared();
  private final BlasHandle handle;
  private final MatmulKey key;
  private final MemorySegment operation;
  private final MemorySegment left;
  private final MemorySegment right;
  private final MemorySegment result;
  private final MemorySegment one = arena.allocateFrom(JAVA_FLOAT, 1f);
  private final MemorySegment beta;
  private final MemorySegment pointer = arena.allocate(ADDRESS);
  private final MemorySegment algorithm;

  private CudaMatmulPlan(BlasHandle handle, MatmulKey key, MemorySegment found) {
    this.handle = handle;
    this.key = key;
    this.algorithm = found;
    this.beta = arena.allocateFrom(JAVA_FLOAT, key.accumulate() ? 1f : 0f);
    try {
      this.operation = operation();
      this.left = layout(key.left());
      this.right = layout(key.right());
      this.result = layout(key.result());
    } catch (RuntimeException e) {
      Resources.closeAfter(e, this);
      throw e;
    }
  }

  /**
   * The plan for a shape with the algorithm that cuBLASLt's heuristics put first, or nothing if it
   * has none for it.
   */
  static Optional<CudaMatmulPlan> of(BlasHandle handle, MatmulKey key, MemorySegment found) {
    CudaMatmulPlan plan = new CudaMatmulPlan(handle, key, found);
    try {
      if (plan.choose()) {
        return Optional.of(plan);
      }
    } catch (RuntimeException e) {
      Resources.closeAfter(e, plan);
      throw e;
    }
    plan.close();
    return Optional.empty();
  }

  private MemorySegment operation() {
    int compute =
        handle.tensorFloat()
            ? CublasLt.CUBLAS_COMPUTE_32F_FAST_TF32()
            : CublasLt.CUBLAS_COMPUTE_32F();
    MemorySegment out = arena.allocate(ADDRESS);
    BlasHandle.check(
        CublasLt.cublasLtMatmulDescCreate(out, compute, CublasLt.CUDA_R_32F()),
        "cublasLtMatmulDescCreate");
    MemorySegment made = out.get(ADDRESS, 0);
    resources.add(
        () ->
            BlasHandle.check(
                CublasLt.cublasLtMatmulDescDestroy(made), "cublasLtMatmulDescDestroy"));
    set(made, CublasLt.CUBLASLT_MATMUL_DESC_TRANSA(), transpose(key.left()));
    set(made, CublasLt.CUBLASLT_MATMUL_DESC_TRANSB(), transpose(key.right()));
    set(made, CublasLt.CUBLASLT_MATMUL_DESC_EPILOGUE(), epilogue(key.epilogue()));
    if (key.epilogue() == Fused.GELU || key.epilogue() == Fused.BIAS_GELU) {
      setAttribute(
          made,
          CublasLt.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD(),
          arena.allocateFrom(JAVA_LONG, key.m()));
    }
    return made;
  }

  private static int transpose(Operand operand) {
    return operand.transposed() ? CublasLt.CUBLAS_OP_T() : CublasLt.CUBLAS_OP_N();
  }

  private static int epilogue(Fused fused) {
    return switch (fused) {
      case NOTHING -> CublasLt.CUBLASLT_EPILOGUE_DEFAULT();
      case BIAS -> CublasLt.CUBLASLT_EPILOGUE_BIAS();
      case GELU -> CublasLt.CUBLASLT_EPILOGUE_GELU_AUX();
      case BIAS_GELU -> CublasLt.CUBLASLT_EPILOGUE_GELU_AUX_BIAS();
    };
  }

  private void set(MemorySegment descriptor, int attribute, int value) {
    setAttribute(descriptor, attribute, arena.allocateFrom(JAVA_INT, value));
  }

  private static void setAttribute(MemorySegment descriptor, int attribute, MemorySegment value) {
    BlasHandle.check(
        CublasLt.cublasLtMatmulDescSetAttribute(descriptor, attribute, value, value.byteSize()),
        "cublasLtMatmulDescSetAttribute");
  }

  private MemorySegment layout(Operand operand) {
    MemorySegment out = arena.allocate(ADDRESS);
    BlasHandle.check(
        CublasLt.cublasLtMatrixLayoutCreate(
            out, type(operand.type()), operand.rows(), operand.cols(), operand.stride()),
        "cublasLtMatrixLayoutCreate");
    MemorySegment made = out.get(ADDRESS, 0);
    resources.add(
        () ->
            BlasHandle.check(
                CublasLt.cublasLtMatrixLayoutDestroy(made), "cublasLtMatrixLayoutDestroy"));
    return made;
  }

  private static int type(DType type) {
    return switch (type) {
      case F32 -> CublasLt.CUDA_R_32F();
      case BF16 -> CublasLt.CUDA_R_16BF();
      case I32 -> throw new IllegalArgumentException("matmul: integers cannot be multiplied");
    };
  }

  private boolean choose() {
    try (Arena scratch = Arena.ofConfined();
        Resources preferences = new Resources()) {
      MemorySegment out = scratch.allocate(ADDRESS);
      BlasHandle.check(
          CublasLt.cublasLtMatmulPreferenceCreate(out), "cublasLtMatmulPreferenceCreate");
      MemorySegment preference = out.get(ADDRESS, 0);
      preferences.add(
          () ->
              BlasHandle.check(
                  CublasLt.cublasLtMatmulPreferenceDestroy(preference),
                  "cublasLtMatmulPreferenceDestroy"));
      prefer(
          preference,
          CublasLt.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES(),
          scratch.allocateFrom(JAVA_LONG, handle.workspaceBytes()));
      // Partial sums reduced in place finish in any order; the other schemes have a fixed one.
      prefer(
          preference,
          CublasLt.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK(),
          scratch.allocateFrom(JAVA_INT, CublasLt.CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE()));
      align(preference, CublasLt.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES(), key.left(), scratch);
      align(
          preference, CublasLt.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES(), key.right(), scratch);
      align(
          preference, CublasLt.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES(), key.result(), scratch);
      align(
          preference, CublasLt.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES(), key.result(), scratch);
      MemorySegment count = scratch.allocate(JAVA_INT);
      int code =
          CublasLt.cublasLtMatmulAlgoGetHeuristic(
              handle.handle(),
              operation,
              left,
              right,
              result,
              result,
              preference,
              1,
              algorithm,
              count);
      boolean none = count.get(JAVA_INT, 0) == 0;
      if (code == Cublas.CUBLAS_STATUS_NOT_SUPPORTED()
          || (code == Cublas.CUBLAS_STATUS_SUCCESS() && none)) {
        return false;
      }
      BlasHandle.check(code, "cublasLtMatmulAlgoGetHeuristic");
      BlasHandle.check(
          cublasLtMatmulHeuristicResult_t.state(algorithm), "cublasLtMatmulAlgoGetHeuristic");
      return true;
    }
  }

  private static void align(
      MemorySegment preference, int attribute, Operand operand, Arena scratch) {
    prefer(preference, attribute, scratch.allocateFrom(JAVA_INT, operand.alignment()));
  }

  private static void prefer(MemorySegment preference, int attribute, MemorySegment value) {
    BlasHandle.check(
        CublasLt.cublasLtMatmulPreferenceSetAttribute(
            preference, attribute, value, value.byteSize()),
        "cublasLtMatmulPreferenceSetAttribute");
  }

  /**
   * Multiplies; the matrices have the plan's shape.
   *
   * @param bias address of the bias, if the plan has one
   * @param aux address for what comes before GELU, if the plan has it
   */
  void run(long c, long a, long b, long bias, long aux) {
    if (key.epilogue() == Fused.BIAS || key.epilogue() == Fused.BIAS_GELU) {
      point(CublasLt.CUBLASLT_MATMUL_DESC_BIAS_POINTER(), bias);
    }
    if (key.epilogue() == Fused.GELU || key.epilogue() == Fused.BIAS_GELU) {
      point(CublasLt.CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER(), aux);
    }
    BlasHandle.check(
        CublasLt.cublasLtMatmul(
            handle.handle(),
            operation,
            one,
            MemorySegment.ofAddress(b),
            left,
            MemorySegment.ofAddress(a),
            right,
            beta,
            MemorySegment.ofAddress(c),
            result,
            MemorySegment.ofAddress(c),
            result,
            cublasLtMatmulHeuristicResult_t.algo(algorithm),
            handle.workspace(),
            handle.workspaceBytes(),
            handle.stream().handle()),
        "cublasLtMatmul");
  }

  private void point(int attribute, long address) {
    pointer.set(JAVA_LONG, 0, address);
    setAttribute(operation, attribute, pointer);
  }

  @Override
  public void close() {
    try {
      resources.close();
    } finally {
      arena.close();
    }
  }
}
