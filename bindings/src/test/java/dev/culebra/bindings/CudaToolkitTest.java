package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the toolkit's libraries are looked for, with a library that no toolkit has. */
final class CudaToolkitTest {

  private static final String LIBRARY = "libculebra-none";

  @TempDir Path root;

  @Test
  void everyPlaceIsTriedInItsOrder() throws Exception {
    Path cuda = Files.createDirectories(root.resolve("cuda/lib64")).getParent();
    Path packages =
        Files.createDirectories(root.resolve("venv/lib/python3.12/site-packages/nvidia/cu13/lib"));
    Path file = library(packages.resolve(LIBRARY + ".so.12"));

    List<String> lines =
        run(
            Map.of("culebra.home", root.resolve("home").toString()),
            Map.of("CUDA_HOME", cuda.toString(), "VIRTUAL_ENV", root.resolve("venv").toString()));

    assertThat(lines)
        .containsSubsequence(
            "property culebra.test.library: not set",
            "environment variable CULEBRA_TEST_LIBRARY: not set",
            "beside the program: " + root.resolve("home/lib") + ": no such folder",
            "environment variable CUDA_HOME: "
                + cuda.resolve("lib64/" + LIBRARY + ".so.13")
                + ": no such file",
            "environment variable CUDA_HOME: "
                + cuda.resolve("lib64/" + LIBRARY + ".so.12")
                + ": no such file",
            "environment variable CUDA_PATH: not set",
            "environment variable CONDA_PREFIX: not set",
            "Python packages: " + packages.resolve(LIBRARY + ".so.13") + ": no such file",
            "Python packages: " + file + ": loaded");
    assertThat(lines).anyMatch(line -> line.startsWith("system: /usr/lib"));
    assertThat(lines).anyMatch(line -> line.startsWith("toolkit: /usr/local/cuda/lib64"));
  }

  @Test
  void aToolkitMayKeepItsLibrariesPerTarget() throws Exception {
    String target = SharedObject.architecture().equals("aarch64") ? "sbsa-linux" : "x86_64-linux";
    Path file = library(root.resolve("cuda/targets/" + target + "/lib/" + LIBRARY + ".so.13"));

    assertThat(run(Map.of(), Map.of("CUDA_PATH", root.resolve("cuda").toString())).getLast())
        .isEqualTo("environment variable CUDA_PATH: " + file + ": loaded");
  }

  @Test
  void theProgramsOwnFolderComesFirst() throws Exception {
    Path file = library(root.resolve("home/lib/" + LIBRARY + ".so.13"));
    library(root.resolve("cuda/lib64/" + LIBRARY + ".so.13"));

    assertThat(
            run(
                    Map.of("culebra.home", root.resolve("home").toString()),
                    Map.of("CUDA_HOME", root.resolve("cuda").toString()))
                .getLast())
        .isEqualTo("beside the program: " + file + ": loaded");
  }

  private static Path library(Path file) throws Exception {
    return FakeLibraries.orSkip().write(file, List.of(), Map.of(), Set.of());
  }

  private static List<String> run(Map<String, String> properties, Map<String, String> environment)
      throws Exception {
    return ChildJvm.start(CudaProgram.class, List.of("toolkit=" + LIBRARY), properties, environment)
        .lines();
  }
}
