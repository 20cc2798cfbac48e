package dev.culebra.bindings;

import dev.culebra.bindings.cublas.Cublas;
import dev.culebra.bindings.cublas.CublasLt;
import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.bindings.nvrtc.Nvrtc;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The libraries through which this process reaches CUDA devices: NVIDIA's own, or the software
 * device, which is one library for all of them.
 *
 * <p>Once loaded, {@link Cuda}, {@link Nvrtc}, {@link Cublas} and {@link CublasLt} work on any
 * thread. The choice is made once per process, before the first of these classes is used, because
 * both kinds export the same symbols: asking for the other kind later is an {@link
 * IllegalStateException}. Every function that the bindings call was found when loading succeeds.
 *
 * @see CudaDriver where NVIDIA's driver is looked for
 * @see SoftwareDevice how the software device is built
 */
public final class CudaLibraries {

  private static final String SOFTWARE = "software CUDA device, for tests";

  private static CudaLibraries instance;

  private final CudaVersion driver;
  private final CudaVersion compiler;
  private final String blas;
  private final boolean software;
  private final List<LibraryStatus> statuses;

  private CudaLibraries(
      CudaVersion driver,
      CudaVersion compiler,
      String blas,
      boolean software,
      List<LibraryStatus> statuses) {
    this.driver = driver;
    this.compiler = compiler;
    this.blas = blas;
    this.software = software;
    this.statuses = List.copyOf(statuses);
  }

  /**
   * Loads NVIDIA's libraries unless they are loaded: the driver, NVRTC, cuBLASLt and cuBLAS.
   *
   * @throws NativeLibraryException if one is not found, lacks a function or does not fit the driver
   * @throws IllegalStateException if this process has loaded the software device
   */
  public static synchronized CudaLibraries nvidia() {
    CudaProvider.NVIDIA.requireFree();
    if (instance == null) {
      CudaDriver driver = CudaDriver.load();
      NvrtcLibrary nvrtc = NvrtcLibrary.load(driver.version());
      BlasLibraries blas = BlasLibraries.load(driver.version());
      List<LibraryStatus> statuses =
          List.of(
              status(driver), status(nvrtc), status(blas, blas.lt()), status(blas, blas.blas()));
      instance =
          new CudaLibraries(driver.version(), nvrtc.version(), blas.version(), false, statuses);
    }
    return instance;
  }

  /**
   * Loads the software device unless it is loaded: the file that the property {@code
   * culebra.softgpu} or the environment variable {@code CULEBRA_SOFTGPU} names, or else one that
   * {@link SoftwareDevice#build} made.
   *
   * @throws CompilerNotFoundException if it must be built, and there is no C++ compiler
   * @throws NativeLibraryException if it cannot be built, or the file is no software device
   * @throws IllegalStateException if this process has loaded one of NVIDIA's libraries
   */
  public static synchronized CudaLibraries software() {
    return software(
        search -> search.offer("built from the program's sources", SoftwareDevice.build("")));
  }

  /**
   * Loads the software device from a file unless it is loaded.
   *
   * @param library the file; the property and the environment variable of {@link #software()} come
   *     first
   * @throws NativeLibraryException if the file is no software device
   * @throws IllegalStateException if this process has loaded one of NVIDIA's libraries
   */
  public static synchronized CudaLibraries software(Path library) {
    return software(search -> search.offer("named by the caller", library));
  }

  private static CudaLibraries software(LibraryPlace place) {
    CudaProvider.SOFTWARE.requireFree();
    if (instance == null) {
      NativeLibrary library =
          new LibrarySearch(SoftwareDevice.NAME, List.of(SoftwareDevice.FILE))
              .load(SoftwareDevice.PROPERTY, SoftwareDevice.VARIABLE, List.of(place));
      CudaProvider.SOFTWARE.choose();
      SoftwareDevice.requireControls(library);
      SoftwareDevice.chooseCompiler();
      for (Class<?> binding : List.of(Cuda.class, Nvrtc.class, Cublas.class, CublasLt.class)) {
        Symbols.require(library, "version unknown", binding, Map.of());
      }
      CudaVersion driver = CudaDriver.version(library);
      LibraryStatus status =
          new LibraryStatus(
              SOFTWARE,
              true,
              String.format(Locale.ROOT, "CUDA %s, %s", driver, library.path()),
              library.attempts());
      instance =
          new CudaLibraries(
              driver,
              NvrtcLibrary.version(library),
              BlasLibraries.ltVersion(library),
              true,
              List.of(status));
    }
    return instance;
  }

  /** What this process has loaded, if it has. */
  public static synchronized Optional<CudaLibraries> loaded() {
    return Optional.ofNullable(instance);
  }

  /**
   * What this machine offers: the software device if this process has loaded it; else NVIDIA's
   * libraries, loaded now as far as that goes. Without a driver the others are not looked for.
   */
  public static synchronized List<LibraryStatus> survey() {
    if (instance != null) {
      return instance.statuses;
    }
    List<LibraryStatus> statuses = new ArrayList<>();
    CudaDriver driver;
    try {
      driver = CudaDriver.load();
      statuses.add(status(driver));
    } catch (NativeLibraryException e) {
      statuses.add(missing(CudaDriver.NAME, e));
      for (String name : List.of(NvrtcLibrary.NAME, BlasLibraries.LT_NAME, BlasLibraries.NAME)) {
        statuses.add(
            new LibraryStatus(
                name, false, "not looked for, as there is no usable driver", List.of()));
      }
      return List.copyOf(statuses);
    }
    try {
      statuses.add(status(NvrtcLibrary.load(driver.version())));
    } catch (NativeLibraryException e) {
      statuses.add(missing(NvrtcLibrary.NAME, e));
    }
    try {
      BlasLibraries blas = BlasLibraries.load(driver.version());
      statuses.add(status(blas, blas.lt()));
      statuses.add(status(blas, blas.blas()));
    } catch (NativeLibraryException e) {
      statuses.add(missing(BlasLibraries.LT_NAME + " and " + BlasLibraries.NAME, e));
    }
    return List.copyOf(statuses);
  }

  private static LibraryStatus status(CudaDriver driver) {
    return new LibraryStatus(
        CudaDriver.NAME,
        true,
        String.format(Locale.ROOT, "for CUDA %s, %s", driver.version(), driver.path()),
        driver.attempts());
  }

  private static LibraryStatus status(NvrtcLibrary nvrtc) {
    return status(NvrtcLibrary.NAME, nvrtc.version().toString(), nvrtc.library());
  }

  private static LibraryStatus status(BlasLibraries blas, NativeLibrary library) {
    return status(library.name(), blas.version(), library);
  }

  private static LibraryStatus status(String name, String version, NativeLibrary library) {
    return new LibraryStatus(name, true, version + ", " + library.path(), library.attempts());
  }

  private static LibraryStatus missing(String name, NativeLibraryException e) {
    return new LibraryStatus(name, false, e.reason(), e.attempts());
  }

  /** Whether this is the software device: its speed means nothing, and it says so in its name. */
  public boolean isSoftware() {
    return software;
  }

  /** The version of CUDA that the driver is for. */
  public CudaVersion driverVersion() {
    return driver;
  }

  /** The version of the kernels' compiler, NVRTC. */
  public CudaVersion compilerVersion() {
    return compiler;
  }

  /** The version of cuBLASLt, such as {@code 13.1.1}. */
  public String blasVersion() {
    return blas;
  }

  /** Every library: version, file, and where it was looked for. */
  public List<LibraryStatus> statuses() {
    return statuses;
  }
}
