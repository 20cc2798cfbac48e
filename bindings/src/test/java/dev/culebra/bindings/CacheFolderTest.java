package dev.culebra.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheFolderTest {

  @TempDir Path root;

  @Test
  void followsTheBaseDirectorySpecification() {
    assertThat(paths("/home/ada", Map.of("XDG_CACHE_HOME", "/caches")))
        .containsExactly(Path.of("/caches/culebra"), Path.of("/tmp/culebra-ada"));
    assertThat(paths("/home/ada", Map.of()))
        .containsExactly(Path.of("/home/ada/.cache/culebra"), Path.of("/tmp/culebra-ada"));
    assertThat(paths("/home/ada", Map.of("XDG_CACHE_HOME", "relative")))
        .containsExactly(Path.of("/home/ada/.cache/culebra"), Path.of("/tmp/culebra-ada"));
    assertThat(paths("?", Map.of()))
        .as("a user without a home")
        .containsExactly(Path.of("/tmp/culebra-ada"));
  }

  @Test
  void aFolderAmongOtherUsersFilesIsPrivate() throws IOException {
    CacheFolder folder = new CacheFolder(root.resolve("private"), true);

    Path subfolder = folder.subfolder("a");

    assertThat(subfolder).isEqualTo(root.resolve("private/a")).isDirectory();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
        .isEqualTo("rwx------");
    assertThat(folder.subfolder("a")).isEqualTo(subfolder);
  }

  @Test
  void aFolderThatOthersMayWriteIsRefused() throws IOException {
    Path open = Files.createDirectory(root.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path own = new CacheFolder(root.resolve("own"), true).subfolder("a").getParent();
    Path link = Files.createSymbolicLink(root.resolve("link"), own);

    for (Path path : List.of(open, link)) {
      assertThatThrownBy(() -> new CacheFolder(path, true).subfolder("a"))
          .isInstanceOf(IOException.class)
          .hasMessage("the folder " + path + " is not this user's alone (owner and mode 700)");
    }
  }

  private static List<Path> paths(String home, Map<String, String> environment) {
    Map<String, String> properties =
        Map.of("user.home", home, "user.name", "ada", "java.io.tmpdir", "/tmp");
    return CacheFolder.inOrder(properties::get, environment::get).stream()
        .map(CacheFolder::path)
        .toList();
  }
}
