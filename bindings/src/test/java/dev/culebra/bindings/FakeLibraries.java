package dev.culebra.bindings;

import dev.culebra.bindings.cublas.Cublas;
import dev.culebra.bindings.cublas.CublasLt;
import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.bindings.nvrtc.Nvrtc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/** Libraries that export what NVIDIA's do, and do nothing but tell a version. */
final class FakeLibraries {

  private final CxxCompiler compiler;

  private FakeLibraries(CxxCompiler compiler) {
    this.compiler = compiler;
  }

  /** Skips the test if this machine has no compiler. */
  static FakeLibraries orSkip() {
    try {
      return new FakeLibraries(CxxCompiler.find());
    } catch (CompilerNotFoundException e) {
      return Assumptions.abort(e.getMessage());
    }
  }

  /** A driver for a version of CUDA, such as 13000, without some of its functions. */
  Path driver(Path folder, int version, String... without) throws IOException {
    return write(
        folder.resolve("libcuda.so.1"),
        List.of(Cuda.class),
        Map.of(
            "cuDriverGetVersion",
            String.format(Locale.ROOT, "int* v) { *v = %d; return 0; }", version)),
        Set.of(without));
  }

  Path nvrtc(Path folder, int major, int minor, String... without) throws IOException {
    write(
        folder.resolve(String.format(Locale.ROOT, "libnvrtc-builtins.so.%d.%d", major, minor)),
        List.of(),
        Map.of(),
        Set.of());
    return write(
        folder.resolve("libnvrtc.so." + major),
        List.of(Nvrtc.class),
        Map.of("nvrtcVersion", nvrtcVersion(major, minor)),
        Set.of(without));
  }

  Path cublasLt(Path folder, int major, int minor, int patch) throws IOException {
    return write(
        folder.resolve("libcublasLt.so." + major),
        List.of(CublasLt.class),
        Map.of("cublasLtGetVersion", ltVersion(major, minor, patch)),
        Set.of());
  }

  Path cublas(Path folder, int major, int minor, int patch) throws IOException {
    return write(
        folder.resolve("libcublas.so." + major),
        List.of(Cublas.class),
        Map.of("cublasGetProperty", property(major, minor, patch)),
        Set.of());
  }

  /** All of it in one library, with the software device's own controls. */
  Path software(Path folder) throws IOException {
    return write(
        folder.resolve("libsoftgpu.so"),
        List.of(Cuda.class, Nvrtc.class, CublasLt.class, Cublas.class),
        Map.of(
            "cuDriverGetVersion",
            "int* v) { *v = 13000; return 0; }",
            "nvrtcVersion",
            nvrtcVersion(13, 0),
            "cublasLtGetVersion",
            ltVersion(13, 1, 1),
            "softgpu_reset",
            "void) { return 0; }"),
        Set.of());
  }

  private static String nvrtcVersion(int major, int minor) {
    return String.format(
        Locale.ROOT, "int* a, int* b) { *a = %d; *b = %d; return 0; }", major, minor);
  }

  private static String ltVersion(int major, int minor, int patch) {
    return String.format(Locale.ROOT, "void) { return %d; }", major * 10_000 + minor * 100 + patch);
  }

  private static String property(int major, int minor, int patch) {
    return String.format(
        Locale.ROOT,
        "int which, int* v) { *v = which == 0 ? %d : which == 1 ? %d : %d; return 0; }",
        major,
        minor,
        patch);
  }

  /**
   * A library of functions that return 0.
   *
   * @param bindings whose functions it exports
   * @param bodies the parameters and bodies of those that do more
   * @param without what it does not export
   */
  Path write(Path file, List<Class<?>> bindings, Map<String, String> bodies, Set<String> without)
      throws IOException {
    StringBuilder source = new StringBuilder();
    List<String> names = new ArrayList<>(bodies.keySet());
    bindings.forEach(binding -> names.addAll(Symbols.of(binding)));
    for (String name : names.stream().distinct().filter(n -> !without.contains(n)).toList()) {
      source.append("long ").append(name).append('(');
      source.append(bodies.getOrDefault(name, "void) { return 0; }")).append('\n');
    }
    Files.createDirectories(file.getParent());
    Path code = Files.writeString(Files.createTempFile(file.getParent(), "fake", ".c"), source);
    CxxCompiler.Outcome outcome =
        compiler.run(
            file.getParent(),
            List.of(
                "-x",
                "c",
                "-shared",
                "-fPIC",
                "-Wl,-soname," + file.getFileName(),
                "-o",
                file.toString(),
                code.toString()));
    if (outcome.code() != 0) {
      throw new AssertionError(outcome.text());
    }
    return file;
  }
}
