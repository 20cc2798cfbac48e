package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** A kernel that can be launched, and what is known of it. */
final class Function {

  /** Dynamic shared memory that needs no asking, in bytes. */
  private static final long SHARED_WITHOUT_ASKING = 48 << 10;

  private final String name;
  private final MemorySegment handle;
  private final int[] parameterSizes;
  private final int maxThreads;
  private long sharedAllowed = SHARED_WITHOUT_ASKING;

  private Function(String name, MemorySegment handle, int[] parameterSizes, int maxThreads) {
    this.name = name;
    this.handle = handle;
    this.parameterSizes = parameterSizes;
    this.maxThreads = maxThreads;
  }

  static Function of(String name, MemorySegment handle) {
    int most =
        Driver.integer(
            "cuFuncGetAttribute",
            out ->
                Cuda.cuFuncGetAttribute(
                    out, Cuda.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK(), handle));
    return new Function(name, handle, parameterSizes(handle), most);
  }

  private static int[] parameterSizes(MemorySegment function) {
    List<Integer> sizes = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offset = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      for (long i = 0; ; i++) {
        int code = Cuda.cuFuncGetParamInfo(function, i, offset, size);
        if (code == Cuda.CUDA_ERROR_INVALID_VALUE()) {
          break; // one past the last parameter
        }
        Driver.check(code, "cuFuncGetParamInfo");
        sizes.add(Math.toIntExact(size.get(ValueLayout.JAVA_LONG, 0)));
      }
    }
    return sizes.stream().mapToInt(Integer::intValue).toArray();
  }

  String name() {
    return name;
  }

  MemorySegment handle() {
    return handle;
  }

  /** Number of parameters. */
  int parameters() {
    return parameterSizes.length;
  }

  /** Size of a parameter in bytes. */
  int parameterSize(int index) {
    return parameterSizes[index];
  }

  /** The most threads that a block of it may have. */
  int maxThreads() {
    return maxThreads;
  }

  /** Makes sure that launches may use that much dynamic shared memory. */
  void allowShared(long bytes) {
    if (bytes > sharedAllowed) {
      Driver.check(
          Cuda.cuFuncSetAttribute(
              handle,
              Cuda.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES(),
              Math.toIntExact(bytes)),
          "cuFuncSetAttribute");
      sharedAllowed = bytes;
    }
  }
}
