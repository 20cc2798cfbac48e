package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NVIDIA's libraries and the software device, each case in a JVM of its own. */
final class CudaLibrariesTest {

  @TempDir Path root;

  private FakeLibraries fakes;
  private Path toolkit;

  @BeforeEach
  void compiler() {
    fakes = FakeLibraries.orSkip();
    toolkit = root.resolve("toolkit/lib64");
  }

  @Test
  void loadsTheFourOfNvidiaInTheirOrder() throws Exception {
    Path driver = toolkit(13000, 13);

    List<String> lines = run(Map.of(), "nvidia", "init", "maps=" + toolkit);

    assertThat(lines.getFirst()).isEqualTo("nvidia: driver 13.0, compiler 13.0, blas 13.1.1");
    assertThat(lines)
        .containsSubsequence(
            "+ NVIDIA's driver library: for CUDA 13.0, " + driver,
            "  property culebra.cuda.driver: " + driver + ": loaded",
            "+ NVRTC: 13.0, " + toolkit.resolve("libnvrtc.so.13"),
            "  environment variable CUDA_HOME: " + toolkit.resolve("libnvrtc.so.13") + ": loaded",
            "+ cuBLASLt: 13.1.1, " + toolkit.resolve("libcublasLt.so.13"),
            "+ cuBLAS: 13.1.1, " + toolkit.resolve("libcublas.so.13"),
            "  beside cuBLASLt: " + toolkit.resolve("libcublas.so.13") + ": loaded",
            "cuInit: 0");
    assertThat(lines)
        .as("NVRTC opens it by name alone, later")
        .contains("mapped " + toolkit.resolve("libnvrtc-builtins.so.13.0"));
  }

  @Test
  void theSoftwareDeviceIsOneLibraryForAll() throws Exception {
    Path software = fakes.software(root);

    assertThat(run(Map.of(), "software=" + software, "init", "survey", "elapsed"))
        .containsExactly(
            "software: driver 13.0, compiler 13.0, blas 13.1.1",
            "+ software CUDA device, for tests: CUDA 13.0, " + software,
            "  property culebra.softgpu: not set",
            "  environment variable CULEBRA_SOFTGPU: not set",
            "  named by the caller: " + software + ": loaded",
            "cuInit: 0",
            "+ software CUDA device, for tests: CUDA 13.0, " + software,
            "  property culebra.softgpu: not set",
            "  environment variable CULEBRA_SOFTGPU: not set",
            "  named by the caller: " + software + ": loaded",
            "elapsed time: 0");
  }

  @Test
  void oneProcessHasOneKind() throws Exception {
    toolkit(13000, 13);
    Path software = fakes.software(root);

    assertThat(run(Map.of(), "software=" + software, "nvidia").getLast())
        .isEqualTo(
            "IllegalStateException: NVIDIA's libraries cannot be loaded: this process has loaded"
                + " the software CUDA device, and both export the same symbols; start another"
                + " process");
    assertThat(run(Map.of(), "survey", "software=" + software).getLast())
        .isEqualTo(
            "IllegalStateException: the software CUDA device cannot be loaded: this process has"
                + " loaded NVIDIA's libraries, and both export the same symbols; start another"
                + " process");
  }

  /** A search that loads nothing decides nothing. */
  @Test
  void aMissingDriverLeavesTheChoiceOpen() throws Exception {
    Path software = fakes.software(root);
    Path nothing = root.resolve("nothing");

    List<String> lines =
        run(
            Map.of("culebra.cuda.driver", nothing.toString()),
            "survey",
            "nvidia",
            "software=" + software);

    assertThat(lines.subList(0, 5))
        .containsExactly(
            "- NVIDIA's driver library: NVIDIA's driver library cannot be loaded from "
                + nothing
                + ", which the property culebra.cuda.driver names: no such file. Name a usable"
                + " libcuda.so.1 there, or unset it.",
            "  property culebra.cuda.driver: " + nothing + ": no such file",
            "- NVRTC: not looked for, as there is no usable driver",
            "- cuBLASLt: not looked for, as there is no usable driver",
            "- cuBLAS: not looked for, as there is no usable driver");
    assertThat(lines.get(5)).startsWith("LibraryNotFoundException: ");
    assertThat(lines.get(6)).startsWith("software: ");
  }

  @Test
  void anotherLibraryIsNoSoftwareDevice() throws Exception {
    Path driver = fakes.driver(root, 13000);

    assertThat(run(Map.of(), "software=" + driver).getLast())
        .isEqualTo(
            "MissingSymbolException: "
                + driver
                + " (The software CUDA device, version unknown) does not export softgpu_reset; set"
                + " the property culebra.softgpu or the environment variable CULEBRA_SOFTGPU to"
                + " another file.");
  }

  @Test
  void libraryThatIsNewerThanTheDriverIsPassedOver() throws Exception {
    toolkit(12080, 13);
    toolkit(12080, 12);

    List<String> lines = run(Map.of(), "nvidia");

    assertThat(lines.getFirst()).isEqualTo("nvidia: driver 12.8, compiler 12.0, blas 12.1.1");
    assertThat(lines)
        .contains(
            "  environment variable CUDA_HOME: "
                + toolkit.resolve("libnvrtc.so.13")
                + ": needs a driver for CUDA 13; the one here is for CUDA 12.8");
  }

  @Test
  void aNamedCompilerThatIsNewerThanTheDriverIsAnError() throws Exception {
    toolkit(12080, 12);
    Path newer = fakes.nvrtc(root.resolve("newer"), 13, 0);

    assertThat(run(Map.of("culebra.nvrtc", newer.toString()), "nvidia"))
        .singleElement()
        .asString()
        .contains("which the property culebra.nvrtc names: needs a driver for CUDA 13;");

    Path renamed = Files.move(newer, newer.resolveSibling("compiler.so"));
    assertThat(run(Map.of("culebra.nvrtc", renamed.toString()), "nvidia"))
        .singleElement()
        .asString()
        .startsWith(
            "NativeLibraryException: "
                + renamed
                + " is NVRTC 13.0, and NVIDIA's driver is for CUDA 12.8, which does not load what a"
                + " newer major version compiles; update the driver");
  }

  @Test
  void cublasMustFitCublasLt() throws Exception {
    toolkit(13000, 13);
    Path other = fakes.cublas(root.resolve("other"), 13, 0, 2);

    assertThat(run(Map.of("culebra.cublas", other.toString()), "nvidia"))
        .singleElement()
        .asString()
        .contains(
            other + " is cuBLAS 13.0.2, and " + toolkit.resolve("libcublasLt.so.13"),
            " is cuBLASLt 13.1.1: both must be of one version; set the properties");
  }

  @Test
  void aMissingFunctionIsNamedWhenItsLibraryIsLoaded() throws Exception {
    toolkit(13000, 13);
    fakes.nvrtc(toolkit, 13, 0, "nvrtcGetCUBIN");

    assertThat(run(Map.of(), "nvidia"))
        .singleElement()
        .asString()
        .isEqualTo(
            "MissingSymbolException: "
                + toolkit.resolve("libnvrtc.so.13")
                + " (NVRTC, 13.0) does not export nvrtcGetCUBIN; set the property culebra.nvrtc or"
                + " the environment variable CULEBRA_NVRTC to another file.");
  }

  @Test
  void anOldDriverIsNamedWithItsVersion() throws Exception {
    toolkit(12020, 12);

    assertThat(run(Map.of(), "nvidia"))
        .singleElement()
        .asString()
        .isEqualTo(
            "NativeLibraryException: NVIDIA's driver ("
                + root.resolve("driver/libcuda.so.1")
                + ") is for CUDA 12.2, and 12.4 or newer is needed: update the driver.");
  }

  @Test
  void functionsNewerThanTheDriverAreFoundByTheirOlderName() throws Exception {
    toolkit(12040, 12);
    Path driver =
        fakes.write(
            root.resolve("driver/libcuda.so.1"),
            List.of(dev.culebra.bindings.cuda.Cuda.class),
            Map.of(
                "cuDriverGetVersion",
                "int* v) { *v = 12040; return 0; }",
                "cuEventElapsedTime",
                "void) { return 7; }"),
            java.util.Set.of("cuEventElapsedTime_v2"));

    assertThat(run(Map.of(), "nvidia", "elapsed"))
        .contains("+ NVIDIA's driver library: for CUDA 12.4, " + driver, "elapsed time: 7");
  }

  @Test
  void theToolkitsStubIsNoDriver() throws Exception {
    Path stub =
        fakes.write(
            root.resolve("libcuda.so"),
            List.of(),
            Map.of("cuDriverGetVersion", "void) { return 34; }"),
            java.util.Set.of());

    assertThat(run(Map.of("culebra.cuda.driver", stub.toString()), "nvidia"))
        .containsExactly(
            "NativeLibraryException: "
                + stub
                + " is the stub that toolkits link with, not NVIDIA's driver; set the property"
                + " culebra.cuda.driver or the environment variable CULEBRA_CUDA_DRIVER to the"
                + " driver's file.");
  }

  @Test
  void aLibraryThatCannotTellItsVersionIsRefused() throws Exception {
    Path driver =
        fakes.write(
            root.resolve("libcuda.so.1"),
            List.of(),
            Map.of("cuDriverGetVersion", "void) { return 3; }"),
            java.util.Set.of());

    assertThat(run(Map.of("culebra.cuda.driver", driver.toString()), "nvidia"))
        .singleElement()
        .asString()
        .contains("does not tell its version: cuDriverGetVersion returned 3; set the property");
  }

  /** A driver for a version in a folder of its own, and a toolkit of a major version. */
  private Path toolkit(int driver, int major) throws IOException {
    fakes.nvrtc(toolkit, major, 0);
    fakes.cublasLt(toolkit, major, 1, 1);
    fakes.cublas(toolkit, major, 1, 1);
    return fakes.driver(root.resolve("driver"), driver);
  }

  private List<String> run(Map<String, String> properties, String... arguments) throws Exception {
    Map<String, String> all = new HashMap<>();
    all.put("culebra.cuda.driver", root.resolve("driver/libcuda.so.1").toString());
    all.putAll(properties);
    return ChildJvm.start(
            CudaProgram.class,
            List.of(arguments),
            all,
            Map.of("CUDA_HOME", toolkit.getParent().toString()))
        .lines();
  }
}
