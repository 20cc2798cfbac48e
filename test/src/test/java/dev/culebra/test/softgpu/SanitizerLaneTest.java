package dev.culebra.test.softgpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.bindings.SoftwareDevice;
import dev.culebra.test.lane.Seeds;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * The self-test of the software device, library under AddressSanitizer and the undefined-behaviour
 * sanitizer, in a JVM of its own: both end the process at the first finding.
 *
 * <p>Runs in the campaign: {@code mvn verify -Pcampaign}.
 */
final class SanitizerLaneTest {

  @Test
  void everyOperationIsCleanUnderTheSanitizers() throws Exception {
    Assumptions.assumeTrue(Boolean.getBoolean("culebra.test.sanitizers"), "part of the campaign");
    HostPrograms.library();
    Path library = SoftwareDevice.build("asan");
    // The C++ library too: the sanitizer looks for its throw before the device brings it along.
    String runtime = libraryFile("libasan.so") + ":" + libraryFile("libstdc++.so.6");
    List<String> command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "dev.culebra.cli.Main",
            "doctor",
            "--selftest",
            "--device",
            "soft",
            "--seed",
            String.valueOf(Seeds.all().getFirst())));
    HostPrograms.Outcome outcome =
        HostPrograms.run(
            command,
            Map.of(
                "LD_PRELOAD",
                runtime,
                "ASAN_OPTIONS",
                "detect_leaks=0:handle_segv=0",
                "CULEBRA_SOFTGPU",
                library.toString()));
    assertThat(outcome.text())
        .doesNotContain("ERROR: AddressSanitizer")
        .doesNotContain("runtime error:")
        .contains("agree with the float64 reference");
    assertThat(outcome.status()).isZero();
  }

  private static String libraryFile(String name) throws Exception {
    return HostPrograms.compiler(List.of("-print-file-name=" + name)).text().strip();
  }
}
