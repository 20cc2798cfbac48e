package dev.culebra.bindings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * One build of a library from sources.
 *
 * @param library its name for people
 * @param plan how it is built
 * @param variant the plan's variant, or nothing
 * @param sources every file by its name
 * @param compiler what compiles it
 */
record LibraryBuild(
    String library,
    BuildPlan plan,
    String variant,
    SortedMap<String, byte[]> sources,
    CxxCompiler compiler) {

  private static final String WORK = "build";
  private static final int REPORTED_CHARACTERS = 4000;

  /** Sixteen hexadecimal digits that change with the sources, the compiler and the variant. */
  String fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      add(digest, variant.getBytes(StandardCharsets.UTF_8));
      add(digest, compiler.program().toString().getBytes(StandardCharsets.UTF_8));
      add(digest, compiler.version().getBytes(StandardCharsets.UTF_8));
      sources.forEach(
          (name, bytes) -> {
            add(digest, name.getBytes(StandardCharsets.UTF_8));
            add(digest, bytes);
          });
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** With its length in front, so that no two sequences of parts look alike. */
  private static void add(MessageDigest digest, byte[] part) {
    digest.update((part.length + ":").getBytes(StandardCharsets.UTF_8));
    digest.update(part);
  }

  /**
   * Builds into a folder unless the library is there. Of several processes one builds, and the
   * others wait for it; the finished file is renamed into its place.
   *
   * @param folder for this build alone
   * @param file the library's file name
   * @throws IOException if the folder cannot be used
   * @throws LibraryBuildException if the sources do not compile
   */
  Path into(Path folder, String file) throws IOException {
    Path target = folder.resolve(file);
    if (Files.exists(target)) {
      return target;
    }
    // The file's lock is between processes; threads of this one must not ask for it twice.
    synchronized (LibraryBuild.class) {
      buildAlone(folder, target);
    }
    return target;
  }

  private void buildAlone(Path folder, Path target) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      // What a process that died left behind.
      for (Path abandoned : LibrarySearch.matches(folder, WORK + "*")) {
        delete(abandoned);
      }
      if (!Files.exists(target)) {
        Path work = Files.createTempDirectory(folder, WORK);
        try {
          writeSources(work);
          compile(work);
          String file = target.getFileName().toString();
          run(work, plan.link(file, variant));
          Files.move(work.resolve(file), target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          delete(work);
        }
      }
    }
  }

  private void writeSources(Path work) throws IOException {
    for (String name : sources.keySet()) {
      Path target = work.resolve(name);
      Files.createDirectories(target.getParent());
      Files.write(target, sources.get(name));
    }
  }

  private void compile(Path work) throws IOException {
    int cores = Runtime.getRuntime().availableProcessors();
    try (ExecutorService pool = Executors.newFixedThreadPool(cores)) {
      List<Future<?>> compilations = new ArrayList<>();
      for (String source : plan.sources()) {
        compilations.add(pool.submit(() -> compile(work, source)));
      }
      for (Future<?> compilation : compilations) {
        compilation.get();
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case UncheckedIOException io -> throw io.getCause();
        case RuntimeException refused -> throw refused;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + library + " was built", e);
    }
  }

  private void compile(Path work, String source) {
    try {
      run(work, plan.compile(source, variant));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run(Path work, List<String> arguments) throws IOException {
    CxxCompiler.Outcome outcome = compiler.run(work, arguments);
    if (outcome.code() != 0) {
      String text = outcome.text().strip();
      throw new LibraryBuildException(
          String.format(
              Locale.ROOT,
              "%s does not compile with %s (%s): '%s' ended with status %d and said:\n%s",
              library,
              compiler.program(),
              compiler.version(),
              String.join(" ", arguments),
              outcome.code(),
              text.substring(0, Math.min(text.length(), REPORTED_CHARACTERS))),
          List.of());
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
