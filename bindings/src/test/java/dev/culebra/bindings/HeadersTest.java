package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.culebra.bindings.cublas.Cublas;
import dev.culebra.bindings.cublas.CublasLt;
import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.bindings.nvrtc.Nvrtc;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The generated classes against the vendor's headers, where these are present: values of constants,
 * sizes and offsets of structures, sizes of what functions take and return.
 *
 * <p>Headers of any CUDA 13 must agree, not only those that the classes were generated from: what
 * is declared once stays as it is.
 */
final class HeadersTest {

  @TempDir Path scratch;

  @Test
  void driver() throws Exception {
    compare("cuda.h", Cuda.class);
  }

  @Test
  void compiler() throws Exception {
    compare("nvrtc.h", Nvrtc.class);
  }

  @Test
  void blas() throws Exception {
    compare("cublas_api.h", Cublas.class);
  }

  @Test
  void blasLt() throws Exception {
    compare("cublasLt.h", CublasLt.class);
  }

  private void compare(String header, Class<?> binding) throws Exception {
    FakeLibraries fakes = FakeLibraries.orSkip();
    Path folder =
        CHeader.folderWith(List.of("cuda.h", header))
            .orElseGet(
                () ->
                    abort(
                        "there is no "
                            + header
                            + " beside a cuda.h here: set culebra.cuda.headers or CUDA_HOME"));
    Path library = fakes.software(scratch);

    List<String> generated =
        ChildJvm.start(
                AbiProgram.class,
                List.of(library.toString(), binding.getName()),
                Map.of("basedir", System.getProperty("basedir", "")),
                Map.of())
            .lines();
    List<String> vendors = new CHeader(CxxCompiler.find(), folder).says(header, binding, scratch);

    assertThat(withoutVersion(generated)).isNotEmpty().isEqualTo(withoutVersion(vendors));
  }

  /** Only the major version must be that of the header at hand. */
  private static List<String> withoutVersion(List<String> lines) {
    return lines.stream()
        .map(line -> line.replaceFirst("^CUDA_VERSION = (\\d+)\\d{3}$", "CUDA_VERSION = $1..."))
        .toList();
  }
}
