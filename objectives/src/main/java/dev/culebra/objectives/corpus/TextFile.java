package dev.culebra.objectives.corpus;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Reads the documents of one file. */
final class TextFile {

  /** A text is one Java string; a longer file has to be cut, or written as .jsonl. */
  private static final int LONGEST_TEXT = 1 << 30;

  private TextFile() {}

  /**
   * Gives the documents of a file to {@code sink}, in order. Empty texts are left out.
   *
   * @param field the field of a .jsonl line that holds the text
   * @param template how a dialogue becomes a text
   */
  static void read(
      Path file, FileKind kind, String field, Template template, Consumer<Document> sink) {
    switch (kind) {
      case TEXT -> InputFile.read(file, in -> readWhole(file, in, sink));
      case LINES -> {
        JsonLines lines = new JsonLines(field, template, sink);
        InputFile.read(file, in -> Lines.read(file, in, lines));
      }
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
