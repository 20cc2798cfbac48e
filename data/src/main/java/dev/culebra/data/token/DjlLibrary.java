package dev.culebra.data.token;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What must be set before DJL's first class is used: never go to the network, take the CPU build of
 * the native library (on a machine with CUDA it would look for another one to download), and unpack
 * it where one may write.
 */
final class DjlLibrary {
  private static final String CACHE = "DJL_CACHE_DIR";
  private static boolean prepared;

  private DjlLibrary() {}

  static synchronized void prepare() {
    if (prepared) {
      return;
    }
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("RUST_FLAVOR", "cpu");
    if (System.getenv(CACHE) == null && System.getProperty(CACHE) == null) {
      System.setProperty(CACHE, cacheFolder().toString());
    }
    prepared = true;
  }

  /** The user's cache folder; a private temporary one where that cannot be written. */
  private static Path cacheFolder() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    Path folder = base.resolve("culebra").resolve("djl");
    try {
      Files.createDirectories(folder);
      if (Files.isWritable(folder)) {
        return folder;
      }
    } catch (IOException e) {
      System.getLogger(DjlLibrary.class.getName())
          .log(System.Logger.Level.DEBUG, "Cannot create " + folder, e);
    }
    try {
      return Files.createTempDirectory("culebra-djl");
    } catch (IOException e) {
      throw new UncheckedIOException(
          "No folder to unpack native tokenizers into: set " + CACHE + " to a writable one", e);
    }
  }
}
