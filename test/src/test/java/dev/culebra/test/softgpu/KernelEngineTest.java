package dev.culebra.test.softgpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.culebra.test.lane.Seeds;
import dev.culebra.test.softgpu.HostPrograms.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The part of the software device that runs kernels: its compiler, its primitives against plain
 * loops, and a folder of kernels with one mistake each. Every mistake must be caught and named on
 * each of 20 seeds in a row. The cases are C++, in {@code native/softgpu/test}.
 */
final class KernelEngineTest {

  @TempDir static Path folder;

  private static Path library;

  @BeforeAll
  static void build() {
    library = HostPrograms.library();
  }

  @TestFactory
  Stream<DynamicNode> primitivesAgreeWithPlainLoops() throws Exception {
    Path program = compile("primitives");
    return Seeds.all().stream()
        .map(seed -> dynamicTest("seed " + seed, () -> passes(program, Long.toString(seed))));
  }

  @Test
  void theCompilerTakesWhatNvrtcTakesAndNamesLines() throws Exception {
    passes(compile("compiling"), Long.toString(Seeds.all().getFirst()));
  }

  @TestFactory
  Stream<DynamicNode> mistakesAreCaughtAndNamed() throws Exception {
    Path program = compile("broken");
    List<String> kernels = run(program, "list").text().lines().toList();
    assertThat(kernels).hasSizeGreaterThan(15);
    String seed = Long.toString(Seeds.all().getFirst());
    return kernels.stream().map(kernel -> dynamicTest(kernel, () -> passes(program, kernel, seed)));
  }

  private static Path compile(String name) throws Exception {
    return HostPrograms.compile(HostPrograms.SOURCES.resolve(name), folder.resolve(name), library);
  }

  private static void passes(Path program, String... arguments) throws Exception {
    Outcome outcome = run(program, arguments);
    assertThat(outcome.status()).as(outcome.text()).isZero();
  }

  private static Outcome run(Path program, String... arguments) throws Exception {
    return HostPrograms.run(
        Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList(), Map.of());
  }
}
