package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JarLibrariesTest {

  private static final List<String> FILES = List.of(JarFiles.SMALL, "libgcc_s.so.1");

  @TempDir Path root;

  @Test
  void copiesOnlyWhatIsNamed() throws IOException {
    NativeLibrary library = load(cache("new"));

    assertThat(library.path().getParent().getFileName().toString())
        .matches("openblas-.*-linux-x86_64-[0-9a-f]{8}");
    assertThat(names(library.path().getParent())).containsExactlyInAnyOrderElementsOf(FILES);
    for (String file : FILES) {
      assertThat(library.path().resolveSibling(file)).hasBinaryContent(JarFiles.bytes(file));
    }
    assertThat(library.attempts().getLast().place()).isEqualTo("jar on the class path, copied");
  }

  @Test
  void usesTheCopyThatIsThere() throws IOException {
    Path copy = load(cache("again")).path();
    FileTime time = FileTime.from(Instant.EPOCH);
    Files.setLastModifiedTime(copy, time);

    load(cache("again"));

    assertThat(Files.getLastModifiedTime(copy)).isEqualTo(time);
  }

  @Test
  void repairsATruncatedCopy() throws IOException {
    byte[] whole = JarFiles.bytes(JarFiles.SMALL);
    for (int length : new int[] {0, 1, whole.length / 2, whole.length - 1}) {
      Path copy = place(cache("truncated" + length));
      Files.write(copy, Arrays.copyOf(whole, length));

      assertThat(load(cache("truncated" + length)).path())
          .isEqualTo(copy.toRealPath())
          .hasBinaryContent(whole);
    }
  }

  @Test
  void repairsADamagedCopyOfTheRightSize() throws IOException {
    byte[] whole = JarFiles.bytes("libgcc_s.so.1");
    byte[] damaged = whole.clone();
    damaged[damaged.length / 2] ^= 1;
    Path copy = place(cache("damaged")).resolveSibling("libgcc_s.so.1");
    Files.write(copy, damaged);

    load(cache("damaged"));

    assertThat(copy).hasBinaryContent(whole);
  }

  @Test
  void removesWhatACrashLeftButNotWhatAnotherProcessIsWriting() throws IOException {
    Path folder = place(cache("parts")).getParent();
    Path abandoned = Files.writeString(folder.resolve("libx1.part"), "x");
    Path current = Files.writeString(folder.resolve("libx2.part"), "x");
    Files.setLastModifiedTime(abandoned, FileTime.from(Instant.now().minus(Duration.ofDays(1))));

    load(cache("parts"));

    assertThat(abandoned).doesNotExist();
    assertThat(current).exists();
  }

  @Test
  void threadsThatCopyAtOnceAllLoadTheWholeFile() throws Exception {
    int threads = 4;
    for (int round = 0; round < 10; round++) {
      CacheFolder cache = cache("threads" + round);
      List<Callable<NativeLibrary>> tasks = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        tasks.add(() -> load(cache));
      }
      try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
        for (Future<NativeLibrary> library : pool.invokeAll(tasks)) {
          assertThat(library.get().path()).hasBinaryContent(JarFiles.bytes(JarFiles.SMALL));
          assertThat(names(library.get().path().getParent()))
              .containsExactlyInAnyOrderElementsOf(FILES);
        }
      }
    }
  }

  @Test
  void goesOnToTheNextCacheFolderAndSaysWhy() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "in the way");

    NativeLibrary library = load(new CacheFolder(file.resolve("culebra"), false), cache("second"));

    assertThat(library.path()).startsWith(root.resolve("second").toRealPath());
    assertThat(library.attempts().get(2).place()).isEqualTo("jar on the class path");
    assertThat(library.attempts().get(2).file()).isEqualTo(file.resolve("culebra").toString());
    assertThat(library.attempts().get(2).outcome()).startsWith("cannot be copied there: ");
    assertThat(library.attempts().get(3).loaded()).isTrue();
  }

  @Test
  void saysWhatIsMissing() {
    assertThat(outcome("org/bytedeco/nothing", FILES)).isEqualTo("no such resource");
    assertThat(outcome("dev/culebra/bindings", List.of("JarLibrariesTest.class")))
        .isEqualTo("not inside a jar");
    assertThat(outcome(JarFiles.FOLDER, List.of(JarFiles.SMALL, "libnothing.so")))
        .contains("libnothing.so is missing in the jar");
  }

  private String outcome(String folder, List<String> files) {
    var places = List.<LibraryPlace>of(new JarLibraries(folder, files, List.of(cache("unused"))));
    return catchThrowableOfType(
            LibraryNotFoundException.class,
            () ->
                new LibrarySearch("Quad", FILES, List.of())
                    .load("culebra.none", "CULEBRA_NONE", places))
        .attempts()
        .getLast()
        .outcome();
  }

  /** Makes the folder of the copies, with a wrong file where the library belongs. */
  private Path place(CacheFolder cache) throws IOException {
    Path copy = load(cache("model")).path();
    Path folder = Files.createDirectories(cache.path().resolve(copy.getParent().getFileName()));
    return Files.writeString(folder.resolve(JarFiles.SMALL), "wrong");
  }

  private CacheFolder cache(String name) {
    return new CacheFolder(root.resolve(name), false);
  }

  private static NativeLibrary load(CacheFolder... caches) {
    return new LibrarySearch("Quad", List.of(JarFiles.SMALL), List.of())
        .load(
            "culebra.none",
            "CULEBRA_NONE",
            List.of(new JarLibraries(JarFiles.FOLDER, FILES, List.of(caches))));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
