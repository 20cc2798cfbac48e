package dev.culebra.runtime.cuda;

import dev.culebra.bindings.SoftwareDevice;
import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** What every call of the driver API shares: its return code is checked. */
final class Driver {

  private Driver() {}

  /**
   * Throws unless a call succeeded.
   *
   * @param call the function, for the message
   */
  static void check(int code, String call) {
    if (code != Cuda.CUDA_SUCCESS()) {
      throw failure(code, call);
    }
  }

  static CudaException failure(int code, String call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(ValueLayout.ADDRESS);
      String name =
          Cuda.cuGetErrorName(code, text) == Cuda.CUDA_SUCCESS() ? string(text) : "unknown error";
      String description =
          Cuda.cuGetErrorString(code, text) == Cuda.CUDA_SUCCESS()
              ? string(text)
              : "the driver does not know this code";
      String report = SoftwareDevice.lastReport();
      return new CudaException(
          code, name, report.isEmpty() ? description : description + ": " + report, call);
    }
  }

  /** The C string that a pointer in memory points to. */
  private static String string(MemorySegment pointer) {
    return pointer.get(ValueLayout.ADDRESS, 0).reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** A call that writes a pointer-sized result. */
  interface OutCall {
    /** Makes the call; {@code out} is 8 bytes. */
    int run(MemorySegment out);
  }

  /** The handle that a call writes. */
  static MemorySegment handle(String call, OutCall out) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
      check(out.run(pointer), call);
      return pointer.get(ValueLayout.ADDRESS, 0);
    }
  }

  /** The 32-bit integer that a call writes. */
  static int integer(String call, OutCall out) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
      check(out.run(value), call);
      return value.get(ValueLayout.JAVA_INT, 0);
    }
  }

  /** The 64-bit integer that a call writes. */
  static long number(String call, OutCall out) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_LONG);
      check(out.run(value), call);
      return value.get(ValueLayout.JAVA_LONG, 0);
    }
  }
}
