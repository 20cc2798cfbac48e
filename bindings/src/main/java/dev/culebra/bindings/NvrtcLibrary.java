package dev.culebra.bindings;

import dev.culebra.bindings.nvrtc.Nvrtc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * NVRTC, which compiles kernels for the chip at hand, and its builtins.
 *
 * <p>Looked for in the file that the property {@code culebra.nvrtc} or the environment variable
 * {@code CULEBRA_NVRTC} names, else in the places of {@link CudaToolkit}. NVRTC opens its builtins
 * by name alone when it first compiles, so those beside it are loaded before.
 *
 * @param library what was loaded
 * @param version its version; no newer than the driver's in the major
 */
record NvrtcLibrary(NativeLibrary library, CudaVersion version) {

  static final String NAME = "NVRTC";

  private static final List<String> WHEELS = List.of("nvidia/cu13/lib", "nvidia/cuda_nvrtc/lib");

  /**
   * Loads it.
   *
   * @param driver the version of the driver, which loads no cubin of a newer major version
   * @throws NativeLibraryException if there is none that fits
   */
  static NvrtcLibrary load(CudaVersion driver) {
    NativeLibrary library =
        new LibrarySearch(
                NAME,
                CudaToolkit.fileNames("libnvrtc"),
                List.of("libnvrtc-builtins.so.[0-9]*"),
                file -> CudaToolkit.tooNew(file, driver))
            .load("culebra.nvrtc", "CULEBRA_NVRTC", CudaToolkit.places(WHEELS));
    CudaVersion version = version(library);
    if (version.major() > driver.major()) {
      throw new NativeLibraryException(
          String.format(
              Locale.ROOT,
              "%s is NVRTC %s, and NVIDIA's driver is for CUDA %s, which does not load what a newer"
                  + " major version compiles; update the driver, or set the property culebra.nvrtc"
                  + " or the environment variable CULEBRA_NVRTC to another file.",
              library.path(),
              version,
              driver),
          library.attempts(),
          null);
    }
    Symbols.require(library, version.toString(), Nvrtc.class, Map.of());
    return new NvrtcLibrary(library, version);
  }

  /** The version that a loaded NVRTC, or what stands for one, states. */
  static CudaVersion version(NativeLibrary library) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment major = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment minor = arena.allocate(ValueLayout.JAVA_INT);
      int code = library.call("version unknown", () -> Nvrtc.nvrtcVersion(major, minor));
      if (code != Nvrtc.NVRTC_SUCCESS()) {
        throw library.silent("nvrtcVersion", code);
      }
      return new CudaVersion(
          major.get(ValueLayout.JAVA_INT, 0), minor.get(ValueLayout.JAVA_INT, 0));
    }
  }
}
