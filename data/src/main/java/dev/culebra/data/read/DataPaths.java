package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Several files and folders named in one setting. */
public final class DataPaths {
  private static final String SEPARATORS = "[," + File.pathSeparator + "]";

  private DataPaths() {}

  /**
   * The paths of a list parted by commas or by the system's path separator (a colon, on Windows a
   * semicolon), in order. A list that is the name of something that exists is that one path.
   *
   * @throws BadInputException if a name is empty or no path
   */
  public static List<Path> of(String list) {
    Path whole = path(list);
    if (Files.exists(whole)) {
      return List.of(whole);
    }
    List<Path> paths = new ArrayList<>();
    for (String name : list.split(SEPARATORS, -1)) {
      paths.add(path(name.strip()));
    }
    return paths;
  }

  private static Path path(String name) {
    if (name.isBlank()) {
      throw new BadInputException(
          "A list of files and folders names nothing between two separators");
    }
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new BadInputException("\"" + name + "\" is no path: " + e.getReason(), e);
    }
  }
}
