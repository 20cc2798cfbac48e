package dev.culebra.bindings;

import dev.culebra.bindings.openblas.Cblas;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * OpenBLAS, loaded once per process and held to one thread of its own.
 *
 * <p>Looked for in this order:
 *
 * <ol>
 *   <li>the file that the property {@code culebra.openblas} names, or else the environment variable
 *       {@code CULEBRA_OPENBLAS}; if that file is unusable, nothing else is tried;
 *   <li>the folder {@code lib} of the folder that the property {@code culebra.home} names, which is
 *       the installed program;
 *   <li>the jar {@code org.bytedeco:openblas} on the class path, copied to {@code
 *       $XDG_CACHE_HOME/culebra} (else {@code ~/.cache/culebra}) or, where that cannot be written,
 *       to a folder for temporary files;
 *   <li>the system: {@code LD_LIBRARY_PATH}, then the usual folders of Linux distributions.
 * </ol>
 *
 * <p>Its own threads would fight the caller's pool for the cores, and its results depend on how
 * many there are. With one thread, a call computes on the thread that makes it.
 */
public final class OpenBlasLibrary {

  private static final String LIBRARY = "libopenblas.so.0";
  private static final List<String> DEPENDENCIES =
      List.of("libgcc_s.so.1", "libquadmath.so.0", "libgfortran.so.5");

  private static OpenBlasLibrary instance;

  private final NativeLibrary library;
  private final String config;
  private final String core;

  private OpenBlasLibrary(NativeLibrary library, String config, String core) {
    this.library = library;
    this.config = config;
    this.core = core;
  }

  /**
   * Loads OpenBLAS unless it is loaded; from then on {@link Cblas} works on any thread.
   *
   * @throws NativeLibraryException if it is not found, lacks a function, or has integers of 64 bits
   */
  public static synchronized OpenBlasLibrary load() {
    if (instance == null) {
      instance = check(find());
    }
    return instance;
  }

  private static NativeLibrary find() {
    List<String> files = new ArrayList<>(List.of(LIBRARY));
    files.addAll(DEPENDENCIES);
    // JavaCPP's name of the platform: linux-x86_64, linux-arm64.
    String platform = "linux-" + SharedObject.architecture().replace("aarch64", "arm64");
    return new LibrarySearch("OpenBLAS", List.of(LIBRARY), DEPENDENCIES)
        .load(
            "culebra.openblas",
            "CULEBRA_OPENBLAS",
            List.of(
                LibraryPlace.besideTheProgram(),
                new JarLibraries("org/bytedeco/openblas/" + platform, files, CacheFolder.inOrder()),
                LibraryPlace.system()));
  }

  private static OpenBlasLibrary check(NativeLibrary library) {
    String config = text(library.call("version unknown", Cblas::openblas_get_config));
    if (config.contains("USE64BITINT")) {
      throw unusable(library, config, "is built for integers of 64 bits, and 32 are needed");
    }
    List<Supplier<MemorySegment>> needed =
        List.of(
            Cblas::cblas_sgemm$address,
            Cblas::cblas_dgemm$address,
            Cblas::openblas_get_parallel$address);
    needed.forEach(symbol -> library.call(config, symbol));
    int threads =
        library.call(
            config,
            () -> {
              Cblas.openblas_set_num_threads(1);
              return Cblas.openblas_get_num_threads();
            });
    if (threads != 1) {
      throw unusable(library, config, "was told to use 1 thread and uses " + threads);
    }
    return new OpenBlasLibrary(
        library, config, text(library.call(config, Cblas::openblas_get_corename)));
  }

  private static String text(MemorySegment chars) {
    return chars.getString(0).strip();
  }

  private static NativeLibraryException unusable(NativeLibrary library, String config, String why) {
    return new NativeLibraryException(
        String.format(
            Locale.ROOT,
            "%s (%s) %s; set the property %s or the environment variable %s to another file.",
            library.path(),
            config,
            why,
            library.property(),
            library.variable()),
        library.attempts(),
        null);
  }

  /** The file that was loaded. */
  public Path path() {
    return library.path();
  }

  /** Where it was looked for, in order; the last attempt is the one that succeeded. */
  public List<Attempt> attempts() {
    return library.attempts();
  }

  /**
   * Version and build options, such as {@code OpenBLAS 0.3.31 DYNAMIC_ARCH NO_AFFINITY Haswell
   * MAX_THREADS=64}.
   */
  public String config() {
    return config;
  }

  /**
   * The processor family whose kernels it chose, such as {@code Haswell}; results may differ
   * between families.
   */
  public String core() {
    return core;
  }

  /**
   * The kind of threads it was built with: {@code none}, {@code pthreads} or {@code OpenMP}; it
   * uses one.
   */
  public String threading() {
    int kind = Cblas.openblas_get_parallel();
    if (kind == Cblas.OPENBLAS_SEQUENTIAL()) {
      return "none";
    }
    return kind == Cblas.OPENBLAS_OPENMP() ? "OpenMP" : "pthreads";
  }
}
