package dev.culebra.bindings;

import dev.culebra.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * {@code libcuda}, the part of NVIDIA's driver that programs call, loaded once per process.
 *
 * <p>Looked for in this order:
 *
 * <ol>
 *   <li>the file that the property {@code culebra.cuda.driver} names, or else the environment
 *       variable {@code CULEBRA_CUDA_DRIVER}; if that file is unusable, nothing else is tried;
 *   <li>the system: {@code LD_LIBRARY_PATH}, then the usual folders of Linux distributions;
 *   <li>the folders where containers and the Windows Subsystem for Linux mount the host's driver.
 * </ol>
 *
 * <p>It comes with the driver and must match it, so no copy is ever shipped.
 */
public final class CudaDriver {

  static final String NAME = "NVIDIA's driver library";

  /** The first version that has every function of {@link Cuda}, one of them by an older name. */
  static final CudaVersion OLDEST = new CudaVersion(12, 4);

  private static final String LIBRARY = "libcuda.so.1";

  private static CudaDriver instance;

  private final NativeLibrary library;
  private final CudaVersion version;

  private CudaDriver(NativeLibrary library, CudaVersion version) {
    this.library = library;
    this.version = version;
  }

  /**
   * Loads the library unless it is loaded.
   *
   * @throws LibraryNotFoundException with every attempt, if this machine has no NVIDIA driver
   * @throws NativeLibraryException if the driver is too old
   * @throws IllegalStateException if this process has loaded the software CUDA device
   */
  public static synchronized CudaDriver load() {
    if (instance == null) {
      CudaProvider.NVIDIA.requireFree();
      NativeLibrary library = find();
      CudaProvider.NVIDIA.choose();
      CudaVersion version = version(library);
      if (version.compareTo(OLDEST) < 0) {
        throw new NativeLibraryException(
            String.format(
                Locale.ROOT,
                "NVIDIA's driver (%s) is for CUDA %s, and %s or newer is needed: update the"
                    + " driver.",
                library.path(),
                version,
                OLDEST),
            library.attempts(),
            null);
      }
      Symbols.require(library, "CUDA " + version, Cuda.class, EventElapsedTime.OLDER_NAME);
      instance = new CudaDriver(library, version);
    }
    return instance;
  }

  private static NativeLibrary find() {
    return new LibrarySearch(NAME, List.of(LIBRARY))
        .load(
            "culebra.cuda.driver",
            "CULEBRA_CUDA_DRIVER",
            List.of(
                LibraryPlace.system(),
                LibraryPlace.folder("container", Path.of("/usr/local/nvidia/lib64")),
                LibraryPlace.folder("container", Path.of("/usr/lib64-nvidia")),
                LibraryPlace.folder("Windows", Path.of("/usr/lib/wsl/lib"))));
  }

  /** The version of CUDA that a loaded driver is for, or what stands for a driver. */
  static CudaVersion version(NativeLibrary library) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment version = arena.allocate(ValueLayout.JAVA_INT);
      int code = library.call("version unknown", () -> Cuda.cuDriverGetVersion(version));
      if (code != Cuda.CUDA_SUCCESS()) {
        if (code == Cuda.CUDA_ERROR_STUB_LIBRARY()) {
          throw new NativeLibraryException(
              String.format(
                  Locale.ROOT,
                  "%s is the stub that toolkits link with, not NVIDIA's driver; set the property %s"
                      + " or the environment variable %s to the driver's file.",
                  library.path(),
                  library.property(),
                  library.variable()),
              library.attempts(),
              null);
        }
        throw library.silent("cuDriverGetVersion", code);
      }
      return CudaVersion.ofDriver(version.get(ValueLayout.JAVA_INT, 0));
    }
  }

  /** The file that was loaded. */
  public Path path() {
    return library.path();
  }

  /** The newest CUDA that it is for; it loads no cubin of a newer major version. */
  public CudaVersion version() {
    return version;
  }

  /** Where it was looked for, in order; the last attempt is the one that succeeded. */
  public List<Attempt> attempts() {
    return library.attempts();
  }
}
