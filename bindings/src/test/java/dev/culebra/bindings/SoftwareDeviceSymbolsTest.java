package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.bindings.cublas.Cublas;
import dev.culebra.bindings.cublas.CublasLt;
import dev.culebra.bindings.cuda.Cuda;
import dev.culebra.bindings.nvrtc.Nvrtc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The software device exports what the bindings call and its own controls, and nothing else. */
final class SoftwareDeviceSymbolsTest {

  @Test
  void exportsExactlyWhatTheBindingsCall() throws IOException {
    CxxCompiler compiler;
    try {
      compiler = CxxCompiler.find();
    } catch (CompilerNotFoundException e) {
      compiler = Assumptions.abort(e.getMessage());
    }

    Set<String> exported = exported(compiler, SoftwareDevice.build(""));

    TreeSet<String> bound = new TreeSet<>();
    for (Class<?> binding : List.of(Cuda.class, Nvrtc.class, Cublas.class, CublasLt.class)) {
      assertThat(Symbols.of(binding))
          .containsExactlyInAnyOrderElementsOf(IncludeList.of(binding).functions());
      bound.addAll(Symbols.of(binding));
    }
    assertThat(exported).anyMatch(SoftwareDeviceSymbolsTest::isControl);
    exported.removeIf(SoftwareDeviceSymbolsTest::isControl);
    assertThat(exported).containsExactlyInAnyOrderElementsOf(bound);
  }

  private static boolean isControl(String symbol) {
    return symbol.startsWith("softgpu_");
  }

  /** The names that {@code nm} prints, which comes with the compiler. */
  private static Set<String> exported(CxxCompiler compiler, Path library) throws IOException {
    Path folder = library.getParent();
    String nm = compiler.run(folder, List.of("-print-prog-name=nm")).text().strip();
    CxxCompiler.Outcome symbols =
        new CxxCompiler(Path.of(nm), "")
            .run(
                folder,
                List.of("--dynamic", "--defined-only", "--format=posix", library.toString()));
    assertThat(symbols.code()).as(symbols.text()).isZero();
    return symbols
        .text()
        .lines()
        .map(line -> line.substring(0, line.indexOf(' ')))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
