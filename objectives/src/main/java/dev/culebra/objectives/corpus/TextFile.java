package dev.culebra.objectives.corpus;

import dev.culebra.runtime.BadInputException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Reads the documents of one file. */
final class TextFile {
  private static final int BUFFER = 1 << 16;

  /** A text is one Java string; a longer file has to be cut, or written as .jsonl. */
  private static final int LONGEST_TEXT = 1 << 30;

  private TextFile() {}

  /**
   * Gives the documents of a file to {@code sink}, in order. Empty texts are left out.
   *
   * @param field the field of a .jsonl line that holds the text
   */
  static void read(Path file, FileKind kind, String field, Consumer<Document> sink) {
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = kind.gzip() ? new GZIPInputStream(raw, BUFFER) : raw) {
      if (kind.lines()) {
        new JsonLines(file, field).read(in, sink);
      } else {
        readWhole(file, in, sink);
      }
    } catch (NoSuchFileException e) {
      throw new BadInputException("There is no file " + file, e);
    } catch (AccessDeniedException e) {
      throw new BadInputException(file + " may not be read: check its permissions", e);
    } catch (IOException e) {
      throw kind.gzip() && (e instanceof ZipException || e instanceof EOFException)
          ? new BadInputException(
              file + " is not a complete gzip file (" + e.getMessage() + "): make it again", e)
          : new BadInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static void readWhole(Path file, InputStream in, Consumer<Document> sink)
      throws IOException {
    byte[] bytes = in.readNBytes(LONGEST_TEXT + 1);
    if (bytes.length > LONGEST_TEXT) {
      throw new BadInputException(
          file + " is a text of more than 1 GiB: cut it into files or write it as .jsonl");
    }
    int start = StrictUtf8.byteOrderMark(bytes, bytes.length);
    String text = StrictUtf8.decode(bytes, start, bytes.length, file, start);
    if (!text.isEmpty()) {
      sink.accept(new Document(text, file.toString()));
    }
  }
}
