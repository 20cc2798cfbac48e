package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The lines of a UTF-8 text file, which may be compressed (.gz), each a text of its own. */
public final class TextLines {

  private TextLines() {}

  /**
   * All lines in order, blank ones included, without what ends them.
   *
   * @throws BadInputException if there is no such file, or it is no UTF-8
   */
  public static List<String> read(Path file) {
    if (Files.isDirectory(file)) {
      throw new BadInputException(file + " is a folder, where a file of lines is needed");
    }
    List<String> lines = new ArrayList<>();
    InputFile.read(
        file,
        in ->
            Lines.read(
                file, in, (where, line) -> lines.add(line.get().replaceFirst("\\r?\\n$", ""))));
    return lines;
  }
}
