package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Opens a file that may be compressed, and says plainly why it cannot be read. */
final class InputFile {
  private static final int BUFFER = 1 << 16;
  private static final String GZIP = ".gz";

  private InputFile() {}

  /** What is done with the bytes of a file. */
  interface Reading {
    void read(InputStream in) throws IOException;
  }

  /** Whether the name says that a file is compressed. */
  static boolean isGzip(Path file) {
    return lowerName(file).endsWith(GZIP);
  }

  /** The name of a file in lower case, without what says that it is compressed. */
  static String plainName(Path file) {
    String name = lowerName(file);
    return name.endsWith(GZIP) ? name.substring(0, name.length() - GZIP.length()) : name;
  }

  private static String lowerName(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }

  /**
   * Refuses what is there but never ends, or can be read only once.
   *
   * @throws BadInputException if it is a pipe, a device or the like
   */
  static void requireRegular(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new BadInputException(
          file + " is no regular file, as data must be: a pipe or a device cannot be read twice");
    }
  }

  /**
   * Gives the bytes of a file, decompressed if its name ends in .gz, to {@code reading}.
   *
   * @throws BadInputException if there is no such file, or it is damaged or out of reach
   */
  static void read(Path file, Reading reading) {
    requireRegular(file);
    boolean gzip = isGzip(file);
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = gzip ? new GZIPInputStream(raw, BUFFER) : raw) {
      reading.read(in);
    } catch (NoSuchFileException e) {
      throw new BadInputException("There is no file " + file, e);
    } catch (AccessDeniedException e) {
      throw new BadInputException(file + " may not be read: check its permissions", e);
    } catch (IOException e) {
      throw gzip && (e instanceof ZipException || e instanceof EOFException)
          ? new BadInputException(
              file + " is not a complete gzip file (" + e.getMessage() + "): make it again", e)
          : new BadInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
