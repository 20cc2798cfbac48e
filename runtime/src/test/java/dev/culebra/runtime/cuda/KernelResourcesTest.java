package dev.culebra.runtime.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every kernel, in every form in which a launcher asks for it, fits the chips: no spills, no more
 * registers and shared memory than a block may have, and tensor cores where they are meant to be.
 *
 * <p>Needs nvcc, not a GPU. {@code -Dculebra.test.chips} names the chips. For one chip, attention's
 * options are compiled none and all, which is half the work; for several, in every combination.
 */
final class KernelResourcesTest {

  private static final int REGISTERS_OF_A_BLOCK = 65_536;
  private static final int REGISTERS_AT_ONCE = 8;
  private static final int SHARED_OF_A_BLOCK = 99 << 10;

  /** A kernel of a build on a chip. */
  private record Row(KernelBuild build, String chip, Nvcc.Usage usage, int tensorCores) {

    static final String FORMAT = "%-34s %-46s %-7s %9s %7s %7s %6s %5s%n";

    static String head() {
      return Format.text(
          FORMAT, "kernel", "macros", "chip", "registers", "threads", "shared", "spills", "HMMA");
    }

    long shared() {
      return usage.shared() + build.shared();
    }

    boolean fits() {
      int registers = Math.ceilDiv(usage.registers(), REGISTERS_AT_ONCE) * REGISTERS_AT_ONCE;
      return usage.spills() == 0
          && registers * build.threads() <= REGISTERS_OF_A_BLOCK
          && shared() <= SHARED_OF_A_BLOCK
          && build.tensorCores() == tensorCores > 0;
    }

    @Override
    public String toString() {
      return Format.text(
          FORMAT,
          usage.name(),
          String.join(" ", build.macros()),
          chip,
          usage.registers(),
          build.threads(),
          shared(),
          usage.spills(),
          tensorCores);
    }
  }

  @TempDir private Path folder;

  @Test
  void everyKernelFileIsBuiltHere() throws IOException {
    assertThat(KernelBuild.all(false).stream().map(KernelBuild::file).distinct())
        .as("files of KernelBuild, against the kernel files")
        .containsExactlyInAnyOrderElementsOf(kernelFiles());
  }

  @Test
  void everyKernelFitsTheChips() throws Exception {
    Optional<Nvcc> found = Nvcc.find(folder);
    assumeTrue(
        found.isPresent(), "no nvcc on PATH, under CUDA_HOME or /usr/local/cuda: nothing compiled");
    Nvcc nvcc = found.get();
    for (String file : kernelFiles()) {
      nvcc.add(KernelSource.read(file));
    }
    List<Row> rows = compileAll(nvcc, System.getProperty("culebra.test.chips").split(","));
    StringBuilder table = new StringBuilder(Row.head());
    rows.forEach(table::append);
    System.out.print(table);
    assertThat(rows.stream().filter(row -> !row.fits()))
        .as("kernels that spill, do not fit or lack tensor cores")
        .isEmpty();
  }

  private static List<Row> compileAll(Nvcc nvcc, String[] chips) throws Exception {
    List<Future<List<Row>>> waiting = new ArrayList<>();
    try (ExecutorService compilers =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      for (String chip : chips) {
        for (KernelBuild build : KernelBuild.all(chips.length > 1)) {
          waiting.add(compilers.submit(() -> compile(nvcc, build, chip)));
        }
      }
    }
    List<Row> rows = new ArrayList<>();
    for (Future<List<Row>> result : waiting) {
      rows.addAll(result.get());
    }
    return rows;
  }

  private static List<Row> compile(Nvcc nvcc, KernelBuild build, String chip)
      throws IOException, InterruptedException {
    Nvcc.Compiled compiled = nvcc.compile(build, chip);
    assertThat(compiled.kernels()).as("kernels of %s for %s", build, chip).isNotEmpty();
    Cubin code = new Cubin(compiled.cubin());
    return compiled.kernels().stream()
        .map(usage -> new Row(build, chip, usage, code.tensorCoreInstructions(usage.name())))
        .toList();
  }

  /** The names of the kernel files that the program carries. */
  private static List<String> kernelFiles() throws IOException {
    URI kernels =
        URI.create(KernelSource.class.getResource("/dev/culebra/native/kernels/").toString());
    if (kernels.getScheme().equals("file")) {
      return namesIn(Path.of(kernels));
    }
    try (FileSystem jar = FileSystems.newFileSystem(kernels, Map.of())) {
      return namesIn(jar.getPath("/dev/culebra/native/kernels"));
    }
  }

  private static List<String> namesIn(Path kernels) throws IOException {
    try (Stream<Path> files = Files.list(kernels)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".cu"))
          .sorted()
          .toList();
    }
  }
}
