package dev.culebra.bindings;

import dev.culebra.bindings.cublas.Cublas;
import dev.culebra.bindings.cublas.CublasLt;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * cuBLASLt, which multiplies matrices, and cuBLAS, which names its errors.
 *
 * <p>cuBLASLt is looked for in the file that the property {@code culebra.cublasLt} or the
 * environment variable {@code CULEBRA_CUBLASLT} names, else in the places of {@link CudaToolkit}.
 * cuBLAS needs exactly this cuBLASLt and is loaded after it, from the same folder unless the
 * property {@code culebra.cublas} or the environment variable {@code CULEBRA_CUBLAS} names a file.
 *
 * @param lt cuBLASLt
 * @param blas cuBLAS
 * @param version of both, such as {@code 13.1.1}
 */
record BlasLibraries(NativeLibrary lt, NativeLibrary blas, String version) {

  static final String LT_NAME = "cuBLASLt";
  static final String NAME = "cuBLAS";

  private static final List<String> WHEELS = List.of("nvidia/cu13/lib", "nvidia/cublas/lib");

  /**
   * Loads both.
   *
   * @param driver the version of the driver
   * @throws NativeLibraryException if there are none that fit it and each other
   */
  static BlasLibraries load(CudaVersion driver) {
    NativeLibrary lt =
        new LibrarySearch(
                LT_NAME,
                CudaToolkit.fileNames("libcublasLt"),
                List.of(),
                file -> CudaToolkit.tooNew(file, driver))
            .load("culebra.cublasLt", "CULEBRA_CUBLASLT", CudaToolkit.places(WHEELS));
    String version = ltVersion(lt);
    NativeLibrary blas =
        new LibrarySearch(
                NAME,
                CudaToolkit.fileNames("libcublas"),
                List.of(),
                file -> CudaToolkit.tooNew(file, driver))
            .load(
                "culebra.cublas",
                "CULEBRA_CUBLAS",
                List.of(LibraryPlace.folder("beside cuBLASLt", lt.path().getParent())));
    String blasVersion = blasVersion(blas);
    if (!blasVersion.equals(version)) {
      throw new NativeLibraryException(
          String.format(
              Locale.ROOT,
              "%s is cuBLAS %s, and %s is cuBLASLt %s: both must be of one version; set the"
                  + " properties culebra.cublasLt and culebra.cublas, or the environment variables"
                  + " CULEBRA_CUBLASLT and CULEBRA_CUBLAS, to files that belong together.",
              blas.path(),
              blasVersion,
              lt.path(),
              version),
          blas.attempts(),
          null);
    }
    Symbols.require(lt, version, CublasLt.class, Map.of());
    Symbols.require(blas, version, Cublas.class, Map.of());
    return new BlasLibraries(lt, blas, version);
  }

  /** The version that a loaded cuBLASLt, or what stands for one, states. */
  static String ltVersion(NativeLibrary library) {
    long version = library.call("version unknown", CublasLt::cublasLtGetVersion);
    return String.format(
        Locale.ROOT, "%d.%d.%d", version / 10_000, version / 100 % 100, version % 100);
  }

  private static String blasVersion(NativeLibrary library) {
    return String.format(
        Locale.ROOT,
        "%d.%d.%d",
        property(library, Cublas.MAJOR_VERSION()),
        property(library, Cublas.MINOR_VERSION()),
        property(library, Cublas.PATCH_LEVEL()));
  }

  private static int property(NativeLibrary library, int property) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
      int code = library.call("version unknown", () -> Cublas.cublasGetProperty(property, value));
      if (code != Cublas.CUBLAS_STATUS_SUCCESS()) {
        throw library.silent("cublasGetProperty", code);
      }
      return value.get(ValueLayout.JAVA_INT, 0);
    }
  }
}
