package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Pairs of texts on disk, the same ones in the same order each time.
 *
 * <p>A .tsv file has a pair per line: source, tab, target and perhaps tab, group; no quotes. A .csv
 * file has the same with commas, as RFC 4180 says ({@link Csv}). The first line of both may be a
 * header, which is found ({@link PairFields.Header}) and no pair. A .jsonl file has an object per
 * line, a .json file is one, with the fields of {@link PairFields}. All may be compressed (.gz).
 * WordNet's data files have a pair of lemma and gloss for each lemma of a synset, which is its
 * group. A folder stands for all such files in it and below, sorted by path. Blank lines are passed
 * over; a pair with an empty side is a bad row.
 */
public final class TextPairs {
  private final List<Path> named;
  private final List<Path> files;
  private final PairFields fields;

  private TextPairs(List<Path> named, List<Path> files, PairFields fields) {
    this.named = List.copyOf(named);
    this.files = List.copyOf(files);
    this.fields = fields;
  }

  /** Files and folders, with {@link PairFields#DEFAULT}. */
  public static TextPairs of(Path... paths) {
    return of(List.of(paths), PairFields.DEFAULT);
  }

  /**
   * Files and folders, in this order.
   *
   * @throws BadInputException if a file is missing or of no known kind, or a folder has none
   */
  public static TextPairs of(List<Path> paths, PairFields fields) {
    if (paths.isEmpty()) {
      throw new BadInputException("No pairs were named: give files or folders");
    }
    List<Path> files = new ArrayList<>();
    for (Path path : paths) {
      List<Path> known =
          Files.isDirectory(path)
              ? Folders.of(path, TextPairs::isKnown).tell().files()
              : known(path);
      if (known.isEmpty()) {
        throw new BadInputException(
            path + " has no pairs of texts: they are read from " + PairFile.KNOWN);
      }
      files.addAll(known);
    }
    return new TextPairs(paths, files, fields);
  }

  /** Whether a folder or what is below it has files of pairs, or a file is one, by name. */
  public static boolean areIn(Path path) {
    return !known(path).isEmpty();
  }

  private static List<Path> known(Path path) {
    return Folders.known(path, TextPairs::isKnown);
  }

  private static boolean isKnown(Path file) {
    return PairFile.of(file).isPresent();
  }

  /**
   * Gives every good pair to {@code sink}, in order. May be called again.
   *
   * @param bad counts the others; fresh
   * @throws BadInputException if a file is damaged, one that is named has no rows, or too many rows
   *     are bad or all of them
   */
  public void read(BadRows bad, Consumer<TextPair> sink) {
    for (Path file : files) {
      long before = bad.rows();
      PairFile.of(file).orElseThrow().read(file, fields, bad, sink);
      if (bad.rows() == before) {
        String nothing = file + " has no pairs of texts in it";
        if (named.contains(file)) {
          throw new BadInputException(nothing);
        }
        Notes.tell(nothing);
      }
    }
    bad.finish("pairs of texts");
  }

  /** The files that {@link #read} reads, in order. */
  public List<Path> files() {
    return files;
  }
}
