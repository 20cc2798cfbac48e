package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Reads the documents of one file. */
final class TextFile {

  /** A text is one Java string; a longer file has to be cut, or written as .jsonl. */
  private static final int LONGEST_TEXT = 1 << 30;

  private TextFile() {}

  /** What becomes of a row: its documents, none or one, or a complaint. */
  interface Rows {
    List<Document> take(Supplier<List<Document>> reading);
  }

  /**
   * Gives the documents of a file to {@code sink}, in order. Empty texts are {@link EmptyText}.
   *
   * @param field the field of a .jsonl line that holds the text
   * @param template how a dialogue becomes a text
   * @param rows reads a text, or a line of .jsonl
   */
  static void read(
      Path file,
      FileKind kind,
      String field,
      Template template,
      Rows rows,
      Consumer<Document> sink) {
    switch (kind) {
      case TEXT -> rows.take(() -> whole(file)).forEach(sink);
      case LINES -> {
        JsonLines json = new JsonLines(field, template);
        Lines.Sink lines =
            (where, line) -> rows.take(() -> json.read(where, line.get())).forEach(sink);
        InputFile.read(file, in -> Lines.read(file, in, lines));
      }
    }
  }

  private static List<Document> whole(Path file) {
    List<Document> documents = new ArrayList<>();
    InputFile.read(
        file,
        in -> {
          String text = text(file, in);
          if (text.isEmpty()) {
            throw new EmptyText(file + " is empty: there is no text to read");
          }
          documents.add(new Document(text, file.toString()));
        });
    return documents;
  }

  private static String text(Path file, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(LONGEST_TEXT + 1);
    if (bytes.length > LONGEST_TEXT) {
      throw new BadInputException(
          file + " is a text of more than 1 GiB: cut it into files or write it as .jsonl");
    }
    return StrictUtf8.decode(bytes, file);
  }
}
