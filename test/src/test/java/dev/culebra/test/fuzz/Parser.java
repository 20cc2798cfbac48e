package dev.culebra.test.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Something that reads a file from outside.
 *
 * @param name a short name without blanks, as tests and reports show it
 * @param form how its files are changed
 * @param file the changed file, below the folder that {@code place} filled
 * @param seeds further sound files beside the one that {@code place} makes
 * @param place fills a folder with a sound file and all that must lie around it
 * @param reading reads the file, and uses what was read
 * @param cost about how many inputs of the usual cost one of these is worth
 */
record Parser(
    String name,
    Form form,
    String file,
    List<byte[]> seeds,
    Place place,
    Reading reading,
    int cost) {

  /** Fills a folder. */
  interface Place {
    void fill(Path folder) throws IOException;
  }

  /** Reads and uses. */
  interface Reading {
    void read(Path folder) throws IOException;
  }

  /** Names the row in reports of tests. */
  @Override
  public String toString() {
    return name;
  }
}
