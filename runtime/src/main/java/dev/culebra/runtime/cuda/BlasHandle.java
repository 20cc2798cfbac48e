package dev.culebra.runtime.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.culebra.bindings.cublas.Cublas;
import dev.culebra.bindings.cublas.CublasLt;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** cuBLASLt with its workspace, on one stream. */
final class BlasHandle implements AutoCloseable {

  /** What NVIDIA recommends for Hopper; older chips need less. */
  private static final long WORKSPACE = 32L << 20;

  private final Resources resources = new Resources();
  private final Stream stream;
  private final boolean tensorFloat;
  private final MemorySegment handle;
  private final DeviceMemory workspace;

  /**
   * A handle.
   *
   * @param tensorFloat whether float32 products may be rounded to TF32 on tensor cores
   */
  BlasHandle(Stream stream, boolean tensorFloat) {
    this.stream = stream;
    this.tensorFloat = tensorFloat;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      check(CublasLt.cublasLtCreate(out), "cublasLtCreate");
      handle = out.get(ADDRESS, 0);
    }
    resources.add(() -> check(CublasLt.cublasLtDestroy(handle), "cublasLtDestroy"));
    try {
      workspace = resources.add(DeviceMemory.allocate(WORKSPACE));
    } catch (RuntimeException e) {
      Resources.closeAfter(e, resources);
      throw e;
    }
  }

  /** Throws unless a call succeeded. */
  static void check(int code, String call) {
    if (code != Cublas.CUBLAS_STATUS_SUCCESS()) {
      throw new CudaException(
          code,
          text(Cublas.cublasGetStatusName(code)),
          text(Cublas.cublasGetStatusString(code)),
          call);
    }
  }

  private static String text(MemorySegment string) {
    return string.address() == 0
        ? "unknown status"
        : string.reinterpret(Long.MAX_VALUE).getString(0);
  }

  MemorySegment handle() {
    return handle;
  }

  Stream stream() {
    return stream;
  }

  boolean tensorFloat() {
    return tensorFloat;
  }

  MemorySegment workspace() {
    return MemorySegment.ofAddress(workspace.segment().address());
  }

  long workspaceBytes() {
    return workspace.bytes();
  }

  @Override
  public void close() {
    resources.close();
  }
}
