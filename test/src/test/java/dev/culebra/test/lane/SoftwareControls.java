package dev.culebra.test.lane;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** What a test can ask of the software CUDA device and tell it, once it is loaded. */
public final class SoftwareControls {

  private SoftwareControls() {}

  /** Makes the device as new; every random choice of its schedules follows from the seed. */
  public static void reset(long seed) {
    MethodHandle reset =
        function("softgpu_reset", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG));
    try {
      reset.invokeExact(seed);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** One line for every object that a program left or that is alive now; empty is clean. */
  public static String leaks() {
    return text("softgpu_leaks");
  }

  /** The functions that can be told to fail. */
  public static List<String> functions() {
    return text("softgpu_functions").lines().toList();
  }

  /** How often a function was called since the last reset. */
  public static long calls(String name) {
    MethodHandle calls =
        function(
            "softgpu_calls", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
    try (Arena arena = Arena.ofConfined()) {
      return (long) calls.invokeExact(arena.allocateFrom(name));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Makes the n-th call of a function from now on return {@code code} and do nothing. */
  public static void fail(String name, long nth, int code) {
    MethodHandle fail =
        function(
            "softgpu_fail",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
    int refused;
    try (Arena arena = Arena.ofConfined()) {
      refused = (int) fail.invokeExact(arena.allocateFrom(name), nth, code);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
    if (refused != 0) {
      throw new IllegalArgumentException(name + " cannot be told to fail with " + code);
    }
  }

  private static String text(String name) {
    MethodHandle call = function(name, FunctionDescriptor.of(ValueLayout.ADDRESS));
    try {
      MemorySegment text = (MemorySegment) call.invokeExact();
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
