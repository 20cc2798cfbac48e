package dev.culebra.runtime.cuda;

import dev.culebra.bindings.nvrtc.Nvrtc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** NVRTC: compiles kernels to a cubin for one chip. */
final class KernelCompiler {

  private final String chip;
  private final String version;

  /**
   * A compiler for a chip of that compute capability.
   *
   * @param version NVRTC's
   * @throws IllegalStateException if this NVRTC does not know the chip
   */
  KernelCompiler(String version, int major, int minor) {
    int capability = 10 * major + minor;
    this.chip = "sm_" + capability;
    this.version = version;
    List<Integer> known = supported();
    if (!known.contains(capability)) {
      throw new IllegalStateException(
          "NVRTC "
              + version
              + " compiles for "
              + known
              + ", not for this chip of compute capability "
              + major
              + "."
              + minor
              + ": install the NVRTC of another CUDA version");
    }
  }

  private static List<Integer> supported() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
      check(Nvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs");
      int n = count.get(ValueLayout.JAVA_INT, 0);
      MemorySegment values = arena.allocate(ValueLayout.JAVA_INT, n);
      check(Nvrtc.nvrtcGetSupportedArchs(values), "nvrtcGetSupportedArchs");
      List<Integer> known = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        known.add(values.getAtIndex(ValueLayout.JAVA_INT, i));
      }
      return known;
    }
  }

  /** The chip, such as {@code sm_90}. */
  String chip() {
    return chip;
  }

  /** NVRTC's version. */
  String version() {
    return version;
  }

  /** The options for kernels with these macros, each {@code NAME=VALUE}. */
  List<String> options(List<String> macros) {
    List<String> options = new ArrayList<>();
    options.add("--gpu-architecture=" + chip);
    options.add("--std=c++17");
    macros.forEach(macro -> options.add("-D" + macro));
    return options;
  }

  /**
   * Compiles a file.
   *
   * @throws IllegalStateException with the compiler's messages, if the file has an error
   */
  byte[] compile(KernelSource source, List<String> options) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
      List<String> names = List.copyOf(source.headers().keySet());
      List<String> texts = List.copyOf(source.headers().values());
      check(
          Nvrtc.nvrtcCreateProgram(
              out,
              arena.allocateFrom(source.text()),
              arena.allocateFrom(source.name()),
              names.size(),
              strings(texts, arena),
              strings(names, arena)),
          "nvrtcCreateProgram");
      MemorySegment program = out.get(ValueLayout.ADDRESS, 0);
      byte[] cubin;
      try {
        cubin = compile(source, options, program, arena);
      } catch (RuntimeException e) {
        Resources.closeAfter(e, () -> check(Nvrtc.nvrtcDestroyProgram(out), "nvrtcDestroyProgram"));
        throw e;
      }
      check(Nvrtc.nvrtcDestroyProgram(out), "nvrtcDestroyProgram");
      return cubin;
    }
  }

  private static byte[] compile(
      KernelSource source, List<String> options, MemorySegment program, Arena arena) {
    int code = Nvrtc.nvrtcCompileProgram(program, options.size(), strings(options, arena));
    if (code == Nvrtc.NVRTC_ERROR_COMPILATION()) {
      throw new IllegalStateException(
          source.name() + " does not compile with " + options + ":\n" + log(program, arena));
    }
    check(code, "nvrtcCompileProgram");
    MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
    check(Nvrtc.nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
    MemorySegment cubin = arena.allocate(size.get(ValueLayout.JAVA_LONG, 0));
    check(Nvrtc.nvrtcGetCUBIN(program, cubin), "nvrtcGetCUBIN");
    return cubin.toArray(ValueLayout.JAVA_BYTE);
  }

  private static String log(MemorySegment program, Arena arena) {
    MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
    check(Nvrtc.nvrtcGetProgramLogSize(program, size), "nvrtcGetProgramLogSize");
    MemorySegment log = arena.allocate(Math.max(1, size.get(ValueLayout.JAVA_LONG, 0)));
    check(Nvrtc.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog");
    return log.getString(0);
  }

  private static MemorySegment strings(List<String> texts, Arena arena) {
    MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, Math.max(1, texts.size()));
    for (int i = 0; i < texts.size(); i++) {
      pointers.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    return pointers;
  }

  private static void check(int code, String call) {
    if (code != Nvrtc.NVRTC_SUCCESS()) {
      String name = Nvrtc.nvrtcGetErrorString(code).reinterpret(Long.MAX_VALUE).getString(0);
      throw new CudaException(code, name, "NVRTC, the compiler of kernels", call);
    }
  }
}
