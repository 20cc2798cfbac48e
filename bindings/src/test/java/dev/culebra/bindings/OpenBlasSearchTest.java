package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where OpenBLAS comes from, each case in a JVM of its own because what is loaded stays. */
final class OpenBlasSearchTest {

  private static final String PRODUCT = "3 * 4 = 12.0";
  private static final String PROPERTY_NOT_SET = "property culebra.openblas: not set";
  private static final String VARIABLE_NOT_SET = "environment variable CULEBRA_OPENBLAS: not set";

  @TempDir Path root;

  @Test
  void aBadFileInThePropertyIsAnErrorAlthoughTheJarIsThere() throws Exception {
    Path bad = root.resolve("missing.so");

    List<String> lines = run(Map.of("culebra.openblas", bad.toString()), Map.of());

    assertThat(lines)
        .containsExactly(
            "property culebra.openblas: " + bad + ": no such file",
            "LibraryNotFoundException: OpenBLAS cannot be loaded from "
                + bad
                + ", which the property culebra.openblas names: no such file. Name a usable"
                + " libopenblas.so.0 there, or unset it.");
    assertThat(root.resolve("cache")).doesNotExist();
  }

  @Test
  void aBadFileInTheEnvironmentIsAnErrorAlthoughTheJarIsThere() throws Exception {
    Path bad = Files.writeString(root.resolve("text.so"), "text");

    List<String> lines = run(Map.of(), Map.of("CULEBRA_OPENBLAS", bad.toString()));

    assertThat(lines.getLast())
        .startsWith("LibraryNotFoundException: ")
        .contains("which the environment variable CULEBRA_OPENBLAS names: not a shared library");
    assertThat(root.resolve("cache")).doesNotExist();
  }

  @Test
  void thePropertyComesBeforeTheEnvironmentAndBothBeforeTheBundle() throws Exception {
    Path home = root.resolve("home");
    Path library = JarFiles.copy(home.resolve("lib"), JarFiles.ALL);

    assertThat(
            run(
                Map.of("culebra.openblas", library.toString()),
                Map.of("CULEBRA_OPENBLAS", root.resolve("missing.so").toString())))
        .containsExactly("property culebra.openblas: " + library + ": loaded", PRODUCT);
    assertThat(
            run(
                Map.of("culebra.home", home.toString()),
                Map.of("CULEBRA_OPENBLAS", library.toString())))
        .containsExactly(
            PROPERTY_NOT_SET,
            "environment variable CULEBRA_OPENBLAS: " + library + ": loaded",
            PRODUCT);
    assertThat(run(Map.of("culebra.home", home.toString()), Map.of()))
        .containsExactly(
            PROPERTY_NOT_SET,
            VARIABLE_NOT_SET,
            "beside the program: " + library + ": loaded",
            PRODUCT);
    assertThat(root.resolve("cache")).doesNotExist();
  }

  /** OpenBLAS finds libgfortran beside it, but libgfortran does not find libquadmath by itself. */
  @Test
  void dependenciesComeFromTheSameFolder() throws Exception {
    Path home = root.resolve("home");
    Path library = JarFiles.copy(home.resolve("lib"), JarFiles.ALL).toRealPath();

    assertThat(
            run(
                Map.of("culebra.home", home.toString(), "culebra.test.dependencies", "true"),
                Map.of()))
        .filteredOn(line -> line.startsWith("with "))
        .containsExactlyInAnyOrder(
            "with " + library.resolveSibling("libgfortran.so.5"),
            "with " + library.resolveSibling("libquadmath.so.0"));
  }

  @Test
  void processesThatStartAtOnceShareOneCopy() throws Exception {
    List<ChildJvm> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(ChildJvm.start(OpenBlasProgram.class, List.of(), Map.of(), cache()));
    }

    for (ChildJvm process : processes) {
      assertThat(process.lines()).contains(PRODUCT);
    }
    try (Stream<Path> files = Files.walk(root.resolve("cache"))) {
      assertThat(files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(JarFiles.ALL);
    }
  }

  @Test
  void aHomeThatCannotBeWrittenLeavesTheTemporaryFolder() throws Exception {
    Path home =
        Files.writeString(root.resolve("home"), "a file, so that nothing can be made inside");
    Path temporary = Files.createDirectory(root.resolve("temporary"));

    List<String> lines =
        run(
            Map.of("java.io.tmpdir", temporary.toString()),
            Map.of("XDG_CACHE_HOME", home.toString()));

    assertThat(lines).hasSize(6).last().isEqualTo(PRODUCT);
    assertThat(lines.get(3))
        .startsWith(
            "jar on the class path: " + home.resolve("culebra") + ": cannot be copied there: ");
    assertThat(lines.get(4))
        .startsWith("jar on the class path, copied: " + temporary)
        .endsWith(": loaded");
  }

  @Test
  void aLibraryThatIsNotOpenBlasIsNamedWithTheMissingSymbol() throws Exception {
    Path other = JarFiles.copy(root, List.of(JarFiles.SMALL));

    assertThat(run(Map.of("culebra.openblas", other.toString()), Map.of()).getLast())
        .startsWith("MissingSymbolException: " + other.toRealPath())
        .contains(
            "(OpenBLAS, version unknown) does not export openblas_get_config; set the property");
  }

  @Test
  void anOpenBlasThatLacksAProductIsNamedWithItsVersion() throws Exception {
    Path patched = openBlasWith("\0cblas_dgemm\0", "\0cblas_dgemX\0");

    assertThat(run(Map.of("culebra.openblas", patched.toString()), Map.of()).getLast())
        .startsWith("MissingSymbolException: " + patched.toRealPath() + " (OpenBLAS, OpenBLAS 0.")
        .contains(") does not export cblas_dgemm; set the property");
  }

  @Test
  void anOpenBlasWithIntegersOf64BitsIsRefused() throws Exception {
    Path patched = openBlasWith(" DYNAMIC_ARCH ", " USE64BITINT  ");

    assertThat(run(Map.of("culebra.openblas", patched.toString()), Map.of()).getLast())
        .startsWith("NativeLibraryException: " + patched.toRealPath() + " (OpenBLAS 0.")
        .contains("is built for integers of 64 bits, and 32 are needed; set the property");
  }

  /** OpenBLAS with a string inside replaced by another of the same length. */
  private Path openBlasWith(String from, String to) throws IOException {
    Path library = JarFiles.copy(root.resolve("patched"), JarFiles.ALL);
    String bytes = Files.readString(library, StandardCharsets.ISO_8859_1);
    assertThat(bytes.contains(from)).as("OpenBLAS contains %s", from).isTrue();
    Files.writeString(library, bytes.replace(from, to), StandardCharsets.ISO_8859_1);
    return library;
  }

  private Map<String, String> cache() {
    return Map.of("XDG_CACHE_HOME", root.resolve("cache").toString());
  }

  private List<String> run(Map<String, String> properties, Map<String, String> environment)
      throws Exception {
    Map<String, String> all = new HashMap<>(cache());
    all.putAll(environment);
    return ChildJvm.start(OpenBlasProgram.class, List.of(), properties, all).lines();
  }
}
