package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LibrarySearchTest {

  private static final String PROPERTY = "culebra.test.library";
  private static final String VARIABLE = "CULEBRA_TEST_LIBRARY";

  @TempDir Path root;

  @AfterEach
  void forgetTheProperty() {
    System.clearProperty(PROPERTY);
  }

  @Test
  void keepsEveryAttemptInOrderWithItsReason() throws IOException {
    Path empty = Files.createDirectory(root.resolve("empty"));
    Path text = Files.writeString(folder("text").resolve(JarFiles.SMALL), "This is not a library.");
    Path directory = Files.createDirectory(folder("directory").resolve(JarFiles.SMALL));
    byte[] library = JarFiles.bytes(JarFiles.SMALL);
    Path truncated =
        Files.write(
            folder("truncated").resolve(JarFiles.SMALL),
            Arrays.copyOf(library, library.length / 2));
    Path refused = Files.write(folder("refused").resolve(JarFiles.SMALL), otherProcessor(library));
    Path good = JarFiles.copy(folder("good"), List.of(JarFiles.SMALL));

    NativeLibrary found =
        search()
            .load(
                PROPERTY,
                VARIABLE,
                List.of(
                    LibraryPlace.folder("first", root.resolve("nowhere")),
                    LibraryPlace.folder("second", empty),
                    LibraryPlace.folder("third", text.getParent()),
                    LibraryPlace.folder("fourth", directory.getParent()),
                    LibraryPlace.folder("fifth", truncated.getParent()),
                    LibraryPlace.folder("sixth", refused.getParent()),
                    LibraryPlace.folder("seventh", good.getParent()),
                    LibraryPlace.folder("never asked", good.getParent())));

    assertThat(found.path()).isEqualTo(good.toRealPath());
    assertThat(found.attempts())
        .extracting(Attempt::place)
        .containsExactly(
            "property " + PROPERTY,
            "environment variable " + VARIABLE,
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh");
    assertThat(found.attempts())
        .extracting(Attempt::file)
        .containsExactly(
            "",
            "",
            root.resolve("nowhere").toString(),
            empty.resolve(JarFiles.SMALL).toString(),
            text.toString(),
            directory.toString(),
            truncated.toString(),
            refused.toString(),
            good.toString());
    assertThat(outcomes(found.attempts().subList(0, 6)))
        .containsExactly(
            "not set",
            "not set",
            "no such folder",
            "no such file",
            "not a shared library: it does not begin with the ELF signature",
            "a folder, not a library file");
    assertThat(found.attempts().get(6).outcome())
        .startsWith("truncated: " + library.length / 2 + " bytes of at least ");
    assertThat(found.attempts().get(7).outcome())
        .as("the reason of the system's loader, without the path again")
        .isNotBlank()
        .doesNotContain(refused.toString());
    assertThat(found.attempts().get(8).outcome()).isEqualTo("loaded");
  }

  @Test
  void triesTheFileNamesInOrderInEachFolder() throws IOException {
    Path good = JarFiles.copy(folder("versions"), List.of(JarFiles.SMALL));

    NativeLibrary found =
        new LibrarySearch(
                "Quad", List.of("libquadmath.so.9", JarFiles.SMALL, "libquadmath.so"), List.of())
            .load(PROPERTY, VARIABLE, List.of(LibraryPlace.folder("toolkit", good.getParent())));

    assertThat(found.attempts().subList(2, 4))
        .extracting(Attempt::toString)
        .containsExactly(
            "toolkit: " + good.resolveSibling("libquadmath.so.9") + ": no such file",
            "toolkit: " + good + ": loaded");
  }

  @Test
  void nothingFoundListsEveryAttemptAndSaysWhatToSet() {
    Path nowhere = root.resolve("nowhere");

    LibraryNotFoundException e =
        catchThrowableOfType(
            LibraryNotFoundException.class,
            () ->
                search().load(PROPERTY, VARIABLE, List.of(LibraryPlace.folder("bundle", nowhere))));

    assertThat(e)
        .hasMessage(
            String.format(
                Locale.ROOT,
                """
                Quad was not found. Tried, in this order:
                  property culebra.test.library: not set
                  environment variable CULEBRA_TEST_LIBRARY: not set
                  bundle: %s: no such folder
                Set the property culebra.test.library or the environment variable CULEBRA_TEST_LIBRARY to the path of \
                libquadmath.so.0.\
                """,
                nowhere));
    assertThat(e.attempts()).hasSize(3);
    assertThat(e.reason()).isEqualTo("Quad was not found.");
  }

  @Test
  void aNamedFileThatIsUnusableIsAnErrorAndNoFallback() throws IOException {
    Path good = JarFiles.copy(folder("fallback"), List.of(JarFiles.SMALL));
    Path bad = root.resolve("missing.so");
    System.setProperty(PROPERTY, bad.toString());

    LibraryNotFoundException e =
        catchThrowableOfType(
            LibraryNotFoundException.class,
            () ->
                search()
                    .load(
                        PROPERTY,
                        VARIABLE,
                        List.of(LibraryPlace.folder("bundle", good.getParent()))));

    assertThat(e)
        .hasMessage(
            "Quad cannot be loaded from %s, which the property culebra.test.library names: no such"
                + " file. Name a usable libquadmath.so.0 there, or unset it.",
            bad);
    assertThat(e.attempts())
        .containsExactly(new Attempt("property " + PROPERTY, bad.toString(), "no such file"));
  }

  @Test
  void aNamedFileMayHaveAnyName() throws IOException {
    Path good = JarFiles.copy(folder("named"), List.of(JarFiles.SMALL));
    Path link = Files.createSymbolicLink(root.resolve("my-quad.so"), good);
    System.setProperty(PROPERTY, link.toString());

    NativeLibrary found = search().load(PROPERTY, VARIABLE, List.of());

    assertThat(found.path()).isEqualTo(good.toRealPath());
    assertThat(found.attempts())
        .containsExactly(Attempt.succeeded("property " + PROPERTY, link.toString()));
  }

  @Test
  void aPathThatIsNoneIsRefused() {
    System.setProperty(PROPERTY, "a\0b");

    LibraryNotFoundException e =
        catchThrowableOfType(
            LibraryNotFoundException.class, () -> search().load(PROPERTY, VARIABLE, List.of()));

    assertThat(e.attempts())
        .singleElement()
        .extracting(Attempt::outcome)
        .asString()
        .startsWith("not a path: ");
  }

  @Test
  void aBrokenDependencyBesideTheLibraryIsNamed() throws IOException {
    Path library = JarFiles.copy(folder("dependency"), List.of(JarFiles.SMALL));
    Files.writeString(library.resolveSibling("libfirst.so"), "nothing");

    LibraryNotFoundException e =
        catchThrowableOfType(
            LibraryNotFoundException.class,
            () ->
                new LibrarySearch(
                        "Quad", List.of(JarFiles.SMALL), List.of("libabsent.so", "libfirst.so"))
                    .load(
                        PROPERTY,
                        VARIABLE,
                        List.of(LibraryPlace.folder("bundle", library.getParent()))));

    assertThat(e.attempts().getLast().outcome())
        .isEqualTo(
            "its dependency libfirst.so: not a shared library: it does not begin with the ELF"
                + " signature");
  }

  private static LibrarySearch search() {
    return new LibrarySearch("Quad", List.of(JarFiles.SMALL), List.of());
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  private static List<String> outcomes(List<Attempt> attempts) {
    return attempts.stream().map(Attempt::outcome).toList();
  }

  /**
   * The same library with another processor in its ELF header: only the system's loader can tell.
   */
  private static byte[] otherProcessor(byte[] library) {
    byte[] other = library.clone();
    other[18] = 8; // MIPS
    other[19] = 0;
    return other;
  }
}
