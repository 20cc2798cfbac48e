package dev.culebra.data.read;

import dev.culebra.data.read.PairFields.Header;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The file that says what a folder's images show: captions.tsv (file, tab, caption and, after
 * another tab, perhaps a group), captions.csv (the same with commas), captions.jsonl (an object per
 * line with the fields file, caption and perhaps group), or the emoji.json of {@link EmojiTable}.
 * Files are named from the folder on.
 */
final class Captions {
  private static final List<String> NAMES =
      List.of("captions.tsv", "captions.csv", "captions.jsonl", EmojiTable.NAME);

  private Captions() {}

  /**
   * The caption file of a folder, if it has one.
   *
   * @throws BadInputException if it has several
   */
  static Optional<Path> of(Path folder) {
    List<Path> found = NAMES.stream().map(folder::resolve).filter(Files::isRegularFile).toList();
    if (found.size() > 1) {
      throw new BadInputException(
          Format.text("%s and %s are in one folder: leave one", found.get(0), found.get(1)));
    }
    return found.stream().findFirst();
  }

  /** The folder that has the images of a caption file. */
  static Path images(Path file) {
    return file.endsWith(EmojiTable.NAME)
        ? file.resolveSibling(EmojiTable.images(file))
        : file.resolveSibling("");
  }

  /** Gives the rows of a caption file: the image's name is the source, its caption the target. */
  static void read(Path file, Header header, BadRows bad, Consumer<TextPair> sink) {
    if (file.endsWith(EmojiTable.NAME)) {
      EmojiTable.read(file, bad, sink);
    } else {
      PairFile.of(file).orElseThrow().read(file, PairFields.CAPTIONS.with(header), bad, sink);
    }
  }
}
