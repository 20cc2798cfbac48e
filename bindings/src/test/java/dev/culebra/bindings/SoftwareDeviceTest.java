package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SoftwareDeviceTest {

  private static final String PLAN =
      """
      # A plan.
      flags: -O1 -fPIC
      loud: -DLOUD
      link: -shared

      one.cpp
      two.cpp
      part/common.h
      """;

  @TempDir Path root;

  @AfterEach
  void forgetTheProperty() {
    System.clearProperty(CxxCompiler.PROPERTY);
  }

  @Test
  void aPlanSaysFlagsAndFiles() {
    BuildPlan plan = BuildPlan.parse(PLAN);

    assertThat(plan.files()).containsExactly("one.cpp", "two.cpp", "part/common.h");
    assertThat(plan.compile("one.cpp", ""))
        .containsExactly("-O1", "-fPIC", "-c", "one.cpp", "-o", "one.cpp.o");
    assertThat(plan.link("lib.so", "loud"))
        .containsExactly(
            "-O1", "-fPIC", "-DLOUD", "one.cpp.o", "two.cpp.o", "-shared", "-o", "lib.so");
    assertThatThrownBy(() -> plan.compile("one.cpp", "silent"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the build plan has no line 'silent:'");
  }

  @Test
  void buildsOnceAndLeavesNothingButTheLibrary() throws IOException {
    Path library = build("", PLAN, "return two();");

    assertThat(library.getFileName()).hasToString("libsoftgpu.so");
    assertThat(SharedObject.problem(library)).isEmpty();
    assertThat(names(library.getParent())).containsExactlyInAnyOrder("libsoftgpu.so", "lock");
    Files.delete(library.resolveSibling("lock"));
    assertThat(build("", PLAN, "return two();")).isEqualTo(library);
    assertThat(library.resolveSibling("lock")).as("written by a second build").doesNotExist();
  }

  @Test
  void anotherSourceVariantOrFlagIsAnotherLibrary() throws IOException {
    assertThat(
            List.of(
                build("", PLAN, "return two();"),
                build("loud", PLAN, "return two();"),
                build("", PLAN, "return 3;"),
                build("", PLAN.replace("-O1", "-O2"), "return two();")))
        .doesNotHaveDuplicates();
  }

  @Test
  void whatTheCompilerSaysIsInTheError() throws IOException {
    assertThatThrownBy(() -> build("", PLAN, "return three();"))
        .isInstanceOf(LibraryBuildException.class)
        .hasMessageContaining("The software CUDA device does not compile with ")
        .hasMessageContaining("'-O1 -fPIC -c one.cpp -o one.cpp.o' ended with status 1 and said:\n")
        .hasMessageContaining("three");
    try (Stream<Path> files = Files.walk(root.resolve("cache"))) {
      assertThat(files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
          .containsExactly("lock");
    }
  }

  @Test
  void aFolderThatCannotBeWrittenLeavesTheNext() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "");
    CacheFolder unusable = new CacheFolder(file, false);
    CacheFolder usable = new CacheFolder(root.resolve("cache"), false);

    assertThat(SoftwareDevice.build(parts("", PLAN, "return 1;"), List.of(unusable, usable)))
        .startsWith(root.resolve("cache"));

    LibraryBuildException e =
        catchThrowableOfType(
            LibraryBuildException.class,
            () -> SoftwareDevice.build(parts("", PLAN, "return 1;"), List.of(unusable)));
    assertThat(e)
        .hasMessageStartingWith("The software CUDA device cannot be built in any cache folder:\n")
        .hasMessageContaining("cache: " + file + ": cannot be used: ");
    assertThat(e.attempts()).hasSize(1);
  }

  /** Each process that asks at once gets the whole library, and the compiler runs for one alone. */
  @Test
  void thoseWhoStartAtOnceWaitForOne() throws Exception {
    Path log = root.resolve("log");
    CxxCompiler real = compiler();
    Path wrapper =
        Files.writeString(
            root.resolve("cxx"),
            String.format(
                Locale.ROOT,
                """
                #!/bin/sh
                case "$*" in *--version*) ;; *) echo "$*" >> '%s' ;; esac
                exec '%s' "$@"
                """,
                log,
                real.program()));
    Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
    Map<String, String> cache = Map.of("XDG_CACHE_HOME", root.resolve("cache").toString());

    List<ChildJvm> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(
          ChildJvm.start(
              BuildProgram.class, List.of(PLAN), Map.of("culebra.cxx", wrapper.toString()), cache));
    }

    for (ChildJvm process : processes) {
      assertThat(process.lines()).containsExactly("built libsoftgpu.so");
    }
    assertThat(Files.readAllLines(log)).hasSize(3);
  }

  /** Threads of one process, too: a file lock alone would refuse the second. */
  @Test
  void threadsMayAskAtOnce() throws Exception {
    compiler();
    try (ExecutorService pool = Executors.newFixedThreadPool(3)) {
      Callable<Path> build = () -> build("", PLAN, "return 5;");
      List<Future<Path>> builds = pool.invokeAll(List.of(build, build, build));
      for (Future<Path> one : builds) {
        assertThat(one.get()).isRegularFile();
      }
    }
  }

  @Test
  void aMissingCompilerIsAnErrorOfItsOwn() {
    Path missing = root.resolve("no-compiler");
    System.setProperty(CxxCompiler.PROPERTY, missing.toString());

    CompilerNotFoundException e =
        catchThrowableOfType(CompilerNotFoundException.class, () -> SoftwareDevice.build(""));

    assertThat(e)
        .hasMessage(
            String.format(
                Locale.ROOT,
                """
                The software CUDA device needs a C++ compiler, and none was found. Tried, in this order:
                  property culebra.cxx: %s: no such file
                Install one (Debian: g++), or set the property culebra.cxx or the environment variable CULEBRA_CXX to its path.\
                """,
                missing));
    assertThat(e.attempts()).hasSize(1);
  }

  @Test
  void aProgramThatDoesNotRunIsNoCompiler() throws IOException {
    Path text = Files.writeString(root.resolve("text"), "This is not a program.");
    System.setProperty(CxxCompiler.PROPERTY, text.toString());
    assertThatThrownBy(CxxCompiler::find).hasMessageContaining(text + ": does not run: ");

    System.setProperty(CxxCompiler.PROPERTY, "false");
    assertThatThrownBy(CxxCompiler::find).hasMessageContaining("--version ended with status 1");

    System.setProperty(CxxCompiler.PROPERTY, "culebra-no-such-compiler");
    assertThatThrownBy(CxxCompiler::find)
        .hasMessageContaining("property culebra.cxx: no program culebra-no-such-compiler");
  }

  private Path build(String variant, String plan, String body) {
    return SoftwareDevice.build(
        parts(variant, plan, body), List.of(new CacheFolder(root.resolve("cache"), false)));
  }

  static LibraryBuild parts(String variant, String plan, String body) {
    SortedMap<String, byte[]> sources = new TreeMap<>();
    sources.put("build.txt", bytes(plan));
    sources.put("part/common.h", bytes("int two();"));
    sources.put(
        "one.cpp", bytes("#include \"part/common.h\"\nextern \"C\" int one() { " + body + " }\n"));
    sources.put("two.cpp", bytes("#include \"part/common.h\"\nint two() { return 2; }\n"));
    return new LibraryBuild(
        SoftwareDevice.NAME, BuildPlan.parse(plan), variant, sources, compiler());
  }

  private static CxxCompiler compiler() {
    try {
      return CxxCompiler.find();
    } catch (CompilerNotFoundException e) {
      return Assumptions.abort(e.getMessage());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** A process that needs the library. */
  static final class BuildProgram {

    private BuildProgram() {}

    public static void main(String[] args) {
      Path library =
          SoftwareDevice.build(parts("", args[0], "return two();"), CacheFolder.inOrder());
      System.out.println("built " + library.getFileName());
    }
  }
}
