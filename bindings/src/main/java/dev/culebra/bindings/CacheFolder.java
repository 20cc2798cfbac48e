package dev.culebra.bindings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A folder for files that can be made again.
 *
 * @param path the folder
 * @param shared whether its parent belongs to all users, so that another one may have put files
 *     there for us to load
 */
record CacheFolder(Path path, boolean shared) {

  /**
   * The folders of this user, best first: {@code $XDG_CACHE_HOME/culebra} or else {@code
   * ~/.cache/culebra} (XDG Base Directory Specification; relative paths are ignored, as it
   * demands), then one in the folder for temporary files.
   */
  static List<CacheFolder> inOrder() {
    return inOrder(System::getProperty, System::getenv);
  }

  static List<CacheFolder> inOrder(
      UnaryOperator<String> property, UnaryOperator<String> environment) {
    List<CacheFolder> folders = new ArrayList<>();
    String xdg = environment.apply("XDG_CACHE_HOME");
    Path cache = Path.of(xdg == null ? "" : xdg);
    if (!cache.isAbsolute()) {
      cache = Path.of(property.apply("user.home"), ".cache");
    }
    if (cache.isAbsolute()) {
      folders.add(new CacheFolder(cache.resolve("culebra"), false));
    }
    Path temporary = Path.of(property.apply("java.io.tmpdir")).toAbsolutePath();
    folders.add(new CacheFolder(temporary.resolve("culebra-" + property.apply("user.name")), true));
    return folders;
  }

  /**
   * Makes a subfolder, and its parents where they are missing.
   *
   * @throws IOException if that fails, or if the folder lies among other users' files and is not
   *     this user's alone
   */
  Path subfolder(String name) throws IOException {
    if (!shared) {
      return Files.createDirectories(path.resolve(name));
    }
    var ownerOnly = PosixFilePermissions.fromString("rwx------");
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(path, PosixFilePermissions.asFileAttribute(ownerOnly));
    }
    boolean own =
        Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
            && Files.getOwner(path, LinkOption.NOFOLLOW_LINKS)
                .equals(Files.getOwner(Path.of("/proc/self")))
            && Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS).equals(ownerOnly);
    if (!own) {
      throw new IOException(
          "the folder " + path + " is not this user's alone (owner and mode 700)");
    }
    return Files.createDirectories(path.resolve(name));
  }
}
