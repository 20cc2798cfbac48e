package dev.culebra.bindings;

import java.nio.file.Path;
import java.util.List;

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

  private static final String LIBRARY = "libcuda.so.1";

  private static CudaDriver instance;

  private final NativeLibrary library;

  private CudaDriver(NativeLibrary library) {
    this.library = library;
  }

  /**
   * Loads the library unless it is loaded.
   *
   * @throws LibraryNotFoundException with every attempt, if this machine has no NVIDIA driver
   */
  public static synchronized CudaDriver load() {
    if (instance == null) {
      NativeLibrary library =
          new LibrarySearch("NVIDIA's driver library", List.of(LIBRARY), List.of())
              .load(
                  "culebra.cuda.driver",
                  "CULEBRA_CUDA_DRIVER",
                  List.of(
                      LibraryPlace.system(),
                      LibraryPlace.folder("container", Path.of("/usr/local/nvidia/lib64")),
                      LibraryPlace.folder("container", Path.of("/usr/lib64-nvidia")),
                      LibraryPlace.folder("Windows", Path.of("/usr/lib/wsl/lib"))));
      instance = new CudaDriver(library);
    }
    return instance;
  }

  /** The file that was loaded. */
  public Path path() {
    return library.path();
  }

  /** Where it was looked for, in order; the last attempt is the one that succeeded. */
  public List<Attempt> attempts() {
    return library.attempts();
  }
}
