package dev.culebra.test.softgpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.test.softgpu.HostPrograms.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The software device's own declarations against the vendor's headers, where there are any. */
final class InterfaceTest {

  private static final Path TOOLKIT = Path.of("/usr/local/cuda/include");

  @Test
  void constantsAndStructuresAreTheVendors() throws Exception {
    Path headers =
        Stream.of(System.getenv("CUDA_HOME"), System.getenv("CUDA_PATH"))
            .filter(Objects::nonNull)
            .map(home -> Path.of(home, "include"))
            .filter(include -> Files.exists(include.resolve("cuda.h")))
            .findFirst()
            .orElse(TOOLKIT);
    Assumptions.assumeTrue(
        Files.exists(headers.resolve("cuda.h")),
        "no CUDA headers: neither CUDA_HOME nor CUDA_PATH has include/cuda.h, nor is there "
            + TOOLKIT.resolve("cuda.h"));

    Outcome outcome =
        HostPrograms.compiler(
            List.of(
                "-std=c++20",
                "-fsyntax-only",
                "-isystem",
                headers.toString(),
                HostPrograms.SOURCES.resolve("abi.cpp").toString()));

    assertThat(outcome.status()).as(outcome.text()).isZero();
  }
}
