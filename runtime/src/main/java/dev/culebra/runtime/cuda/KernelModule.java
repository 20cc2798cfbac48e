package dev.culebra.runtime.cuda;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Compiled kernels, loaded into the context. */
final class KernelModule implements AutoCloseable {

  private MemorySegment handle;

  private KernelModule(MemorySegment handle) {
    this.handle = handle;
  }

  /** Loads a cubin. */
  static KernelModule load(byte[] cubin) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment image = arena.allocate(cubin.length, 16);
      MemorySegment.copy(MemorySegment.ofArray(cubin), 0, image, 0, cubin.length);
      return new KernelModule(
          Driver.handle("cuModuleLoadData", out -> Cuda.cuModuleLoadData(out, image)));
    }
  }

  /** The kernel of that name. */
  Function function(String name) {
    if (handle == null) {
      throw new IllegalStateException("a module was used after its close");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(name);
      MemorySegment function =
          Driver.handle("cuModuleGetFunction", out -> Cuda.cuModuleGetFunction(out, handle, text));
      return Function.of(name, function);
    }
  }

  @Override
  public void close() {
    if (handle != null) {
      MemorySegment closing = handle;
      handle = null;
      Driver.check(Cuda.cuModuleUnload(closing), "cuModuleUnload");
    }
  }
}
