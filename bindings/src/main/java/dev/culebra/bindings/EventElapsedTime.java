package dev.culebra.bindings;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Map;

/**
 * {@code cuEventElapsedTime} under the name that the loaded driver has: the header of CUDA 13
 * declares {@code cuEventElapsedTime_v2}, which drivers before CUDA 12.8 lack. Both take the same
 * arguments.
 */
public final class EventElapsedTime {

  /** The new name, and the old one. */
  static final Map<String, String> OLDER_NAME =
      Map.of("cuEventElapsedTime_v2", "cuEventElapsedTime");

  private static final MethodHandle HANDLE = find();

  private EventElapsedTime() {}

  private static MethodHandle find() {
    SymbolLookup loaded = SymbolLookup.loaderLookup();
    MemorySegment function =
        loaded
            .find("cuEventElapsedTime_v2")
            .orElseGet(() -> loaded.findOrThrow("cuEventElapsedTime"));
    // Not the descriptor of the generated function: to ask for it looks for the new symbol.
    return Linker.nativeLinker()
        .downcallHandle(
            function,
            FunctionDescriptor.of(Cuda.C_INT, Cuda.C_POINTER, Cuda.C_POINTER, Cuda.C_POINTER));
  }

  /**
   * {@code CUresult cuEventElapsedTime(float *pMilliseconds, CUevent hStart, CUevent hEnd)}.
   *
   * @return the driver's code
   */
  public static int cuEventElapsedTime(
      MemorySegment milliseconds, MemorySegment start, MemorySegment end) {
    try {
      return (int) HANDLE.invokeExact(milliseconds, start, end);
    } catch (Error | RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a call of a C function throws nothing else", e);
    }
  }
}
