package dev.culebra.data.token;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The text that ships with the project. */
public final class Sample {
  /** Where it is, seen from a module. */
  public static final Path FILE = Path.of("..", "data", "sample", "moby-dick.txt");

  private Sample() {}

  public static String text() {
    try {
      return Files.readString(FILE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
