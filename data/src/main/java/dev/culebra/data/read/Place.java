package dev.culebra.data.read;

import java.nio.file.Path;

/**
 * Where a row of data stands.
 *
 * @param file its file
 * @param number its line, or which image of an IDX file it is, from 1; 0 for a whole file
 */
public record Place(Path file, long number) {

  /** A whole file. */
  static Place of(Path file) {
    return new Place(file, 0);
  }

  /** As in {@code pairs.tsv:12}. */
  @Override
  public String toString() {
    return number == 0 ? file.toString() : file + ":" + number;
  }
}
