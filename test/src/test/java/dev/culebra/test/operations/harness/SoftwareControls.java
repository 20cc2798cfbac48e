package dev.culebra.test.operations.harness;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** What a test can ask of the software CUDA device and tell it, once it is loaded. */
final class SoftwareControls {

  private SoftwareControls() {}

  /** Makes the device as new; every random choice of its schedules follows from the seed. */
  static void reset(long seed) {
    MethodHandle reset =
        function("softgpu_reset", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
    try {
      reset.invokeExact(seed);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** One line for every object that a program left or that is alive now; empty is clean. */
  static String leaks() {
    MethodHandle leaks = function("softgpu_leaks", FunctionDescriptor.of(ValueLayout.ADDRESS));
    try {
      MemorySegment text = (MemorySegment) leaks.invokeExact();
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor types) {
    return Linker.nativeLinker()
        .downcallHandle(SymbolLookup.loaderLookup().findOrThrow(name), types);
  }
}
