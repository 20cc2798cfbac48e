package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GeneratedSourcesTest {

  private static final Path MODULE = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  private static final String PACKAGE = "src/generated/java/dev/culebra/bindings/openblas";

  @TempDir Path copy;

  @Test
  void areWhatTheGeneratorWrote() throws IOException {
    assertThat(GeneratedSources.problems(MODULE)).isEmpty();
  }

  @Test
  void anEditedFileIsNamed() throws IOException {
    copyModule();
    append(PACKAGE + "/Cblas.java");

    assertThat(GeneratedSources.problems(copy))
        .containsExactly(
            "bindings/"
                + PACKAGE
                + "/Cblas.java is not what bindings/generate.sh openblas wrote: run it again, and"
                + " commit what it writes.");
  }

  @Test
  void anEditedIncludeListIsNamed() throws IOException {
    copyModule();
    append("includes/openblas/Cblas.txt");

    assertThat(GeneratedSources.problems(copy))
        .singleElement()
        .asString()
        .startsWith("bindings/includes/openblas/Cblas.txt ");
  }

  @Test
  void anAddedFileAndAMissingFileAreNamed() throws IOException {
    copyModule();
    Files.move(copy.resolve(PACKAGE + "/Cblas$shared.java"), copy.resolve(PACKAGE + "/Other.java"));

    assertThat(GeneratedSources.problems(copy))
        .hasSize(2)
        .anyMatch(problem -> problem.contains("/Cblas$shared.java "))
        .anyMatch(problem -> problem.contains("/Other.java "));
  }

  @Test
  void aPackageWithoutAStampIsNamed() throws IOException {
    copyModule();
    Files.delete(copy.resolve("stamps/openblas.stamp"));

    assertThat(GeneratedSources.problems(copy)).hasSize(3);
  }

  private void append(String file) throws IOException {
    Files.writeString(copy.resolve(file), "\n", StandardOpenOption.APPEND);
  }

  private void copyModule() throws IOException {
    for (String file : new String[] {"includes/openblas", "stamps/openblas.stamp", PACKAGE}) {
      try (Stream<Path> files = Files.walk(MODULE.resolve(file))) {
        for (Path source : files.filter(Files::isRegularFile).toList()) {
          Path target = copy.resolve(MODULE.relativize(source));
          Files.createDirectories(target.getParent());
          Files.copy(source, target);
        }
      }
    }
  }
}
