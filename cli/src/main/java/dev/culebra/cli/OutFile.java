package dev.culebra.cli;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A single file that a command is to write, judged before any work is done. */
final class OutFile {

  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private OutFile() {}

  /**
   * Refuses a place for a file that replaces none.
   *
   * @throws BadInputException if it is taken, or cannot be written
   */
  static void checkNew(Path file) {
    if (Files.exists(file)) {
      throw new BadInputException(
          Format.text("%s exists already: take it away, or give another --out", file));
    }
    check(file);
  }

  /**
   * Refuses a place for an image.
   *
   * @throws BadInputException if it cannot be written, or holds something else than a PNG image
   */
  static void checkImage(Path file) {
    check(file);
    if (Files.exists(file) && !Arrays.equals(head(file), PNG)) {
      throw holds(file, "no PNG image");
    }
  }

  /**
   * Refuses a place for a tokenizer.
   *
   * @throws BadInputException if it cannot be written, or holds something else than a tokenizer
   */
  static void checkTokenizer(Path file) {
    check(file);
    if (Files.exists(file)) {
      try {
        if (Json.read(file).has("model")) {
          return;
        }
      } catch (BadInputException e) {
        // it is somebody's, whatever it is
      }
      throw holds(file, "no tokenizer");
    }
  }

  private static BadInputException holds(Path file, String what) {
    return new BadInputException(
        Format.text("%s is there and is %s: name another --out, or remove it", file, what));
  }

  private static void check(Path file) {
    if (file.toString().isBlank()) {
      throw new BadInputException("--out names no file: give a name");
    }
    if (Files.isDirectory(file)) {
      throw new BadInputException(file + " is a folder: name a file by --out");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(
          Format.text("there is no folder %s for %s: make it first", folder, file.getFileName()));
    }
    if (!Files.isWritable(Files.exists(file) ? file : folder)) {
      throw new BadInputException(file + " cannot be written: name another --out");
    }
  }

  private static byte[] head(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(PNG.length);
    } catch (IOException e) {
      throw new BadInputException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
