package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Files that a list names. A list may come from anywhere, so it may name only regular files below
 * its own folder: nothing of another place, through links neither, and nothing that never ends.
 */
final class Named {
  private Named() {}

  /**
   * The file that a list names, from the list's folder on.
   *
   * @throws BadInputException if there is none, or it is of another place, or no regular file
   */
  static Path file(Path list, String name) {
    try {
      Path file = list.resolveSibling(name);
      if (Path.of(name).isAbsolute()) {
        throw outside(name);
      }
      if (!Files.exists(file)) {
        throw new BadInputException("There is no image " + file);
      }
      Path folder = list.toAbsolutePath().getParent().toRealPath();
      if (!file.toRealPath().startsWith(folder)) {
        throw outside(name);
      }
      if (!Files.isRegularFile(file)) {
        throw new BadInputException(name + " is no regular file");
      }
      return file;
    } catch (InvalidPathException | IOException e) {
      throw new BadInputException(e.getMessage(), e);
    }
  }

  private static BadInputException outside(String name) {
    return new BadInputException(
        name + " is not below the folder of the list that names it: copy it there");
  }
}
