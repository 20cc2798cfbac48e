package dev.culebra.test.softgpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
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
 * The software device on its own, without Java above it: error codes of misuse, order of streams,
 * rules of capture, graphs, modules, products, faults, told failures, leaks. The cases are C++, in
 * {@code native/softgpu/test/device}; each runs on every seed of this run.
 */
final class DeviceModelTest {

  @TempDir static Path folder;

  private static Path program;

  @BeforeAll
  static void compile() throws Exception {
    program =
        HostPrograms.compile(
            HostPrograms.SOURCES.resolve("device"),
            folder.resolve("device_test"),
            HostPrograms.library());
  }

  @TestFactory
  Stream<DynamicNode> cases() throws Exception {
    List<String> names = run(Map.of(), "list").text().lines().toList();
    assertThat(names).hasSizeGreaterThan(30);
    return Seeds.all().stream()
        .map(
            seed ->
                dynamicContainer(
                    "seed " + seed,
                    names.stream().map(name -> dynamicTest(name, () -> passes(name, seed)))));
  }

  private static void passes(String name, long seed) throws Exception {
    Outcome outcome = run(Map.of(), name, Long.toString(seed));
    assertThat(outcome.status()).as(outcome.text()).isZero();
  }

  /** What stands in the environment when the library is loaded counts like a call. */
  @Test
  void theEnvironmentSetsSeedMemoryAndFailures() throws Exception {
    Outcome outcome =
        run(
            Map.of(
                "SOFTGPU_SEED", "77",
                "SOFTGPU_MEMORY", "1000",
                "SOFTGPU_FAIL", "cuInit:2:999,cuMemAlloc_v2:3:2"),
            "environment");
    assertThat(outcome.text())
        .isEqualTo(
            """
            seed 77
            cuInit 0 999 0
            memory 1000
            cuMemAlloc_v2 0 0 2 0
            """);
  }

  @Test
  void anEnvironmentThatIsNotUnderstoodStopsTheProcess() throws Exception {
    Outcome outcome = run(Map.of("SOFTGPU_FAIL", "cuFly:1:1"), "list");
    assertThat(outcome.status()).isNotZero();
    assertThat(outcome.text()).contains("softgpu: SOFTGPU_FAIL=cuFly:1:1 is not understood");
  }

  private static Outcome run(Map<String, String> environment, String... arguments)
      throws Exception {
    return HostPrograms.run(
        Stream.concat(Stream.of(program.toString()), Stream.of(arguments)).toList(), environment);
  }
}
