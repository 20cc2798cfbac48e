package dev.culebra.objectives.corpus;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The files of folders, in an order that does not depend on the file system. */
final class Folders {
  private Folders() {}

  /** All files below a folder but hidden ones (name starting with a dot), sorted by path. */
  static List<Path> filesBelow(Path folder) {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile)
          .filter(file -> !isHidden(folder.relativize(file)))
          .sorted(Comparator.comparing(file -> slashed(folder.relativize(file))))
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new BadInputException("The folder " + folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isHidden(Path relative) {
    for (Path name : relative) {
      if (name.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }

  private static String slashed(Path relative) {
    List<String> names = new ArrayList<>();
    relative.forEach(name -> names.add(name.toString()));
    return String.join("/", names);
  }
}
