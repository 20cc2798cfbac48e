package dev.culebra.bindings;

/**
 * One place where a native library was looked for, and what came of it.
 *
 * @param place what the place is called, such as {@code property culebra.openblas}
 * @param file the file or folder tried, as an absolute path; empty if the place named none
 * @param outcome why nothing was loaded from there; {@code loaded} if it was
 */
public record Attempt(String place, String file, String outcome) {

  private static final String LOADED = "loaded";

  static Attempt succeeded(String place, String file) {
    return new Attempt(place, file, LOADED);
  }

  /** Whether this attempt ended the search. */
  public boolean loaded() {
    return outcome.equals(LOADED);
  }

  /** One line: place, file if there is one, outcome. */
  @Override
  public String toString() {
    return file.isEmpty() ? place + ": " + outcome : place + ": " + file + ": " + outcome;
  }
}
