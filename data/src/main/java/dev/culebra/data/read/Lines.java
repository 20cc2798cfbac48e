package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * The lines of a UTF-8 file, one after the other, each with the line feed that ends it; or rows of
 * several lines. A byte order mark is dropped. Only the current line or row is in memory.
 */
final class Lines {
  private static final int LONGEST_LINE = 1 << 30;

  private final Path file;
  private final Ends ends;
  private final Sink sink;
  private byte[] line = new byte[1 << 12];
  private int length;
  private int feeds;
  private long number = 1;
  private long offset;
  private Survey survey;

  private Lines(Path file, Ends ends, Sink sink) {
    this.file = file;
    this.ends = ends;
    this.sink = sink;
  }

  /** Says where rows end: sees every byte of a file, in order. */
  interface Ends {
    /** Whether a byte is the last one of a row. */
    boolean at(byte next);
  }

  /** Takes lines. */
  interface Sink {
    /**
     * Takes one line.
     *
     * @param where its file and number, from 1; of a row, those of its first line
     * @param text decodes it; throws {@link BadInputException} if it is not UTF-8, and {@link
     *     FileFault} if the file is none
     */
    void line(Place where, Supplier<String> text);
  }

  /** Gives the lines of {@code in} to {@code sink}, in order. */
  static void read(Path file, InputStream in, Sink sink) throws IOException {
    read(file, in, next -> next == '\n', sink);
  }

  /** Gives the rows of {@code in} to {@code sink}, in order. */
  static void read(Path file, InputStream in, Ends ends, Sink sink) throws IOException {
    new Lines(file, ends, sink).read(in);
  }

  private void read(InputStream in) throws IOException {
    byte[] chunk = new byte[1 << 16];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      int from = 0;
      for (int i = 0; i < read; i++) {
        feeds += chunk[i] == '\n' ? 1 : 0;
        if (ends.at(chunk[i])) {
          append(chunk, from, i + 1);
          from = i + 1;
          endLine();
        }
      }
      append(chunk, from, read);
    }
    if (length > 0) {
      endLine();
    }
  }

  private void append(byte[] chunk, int from, int to) {
    int more = to - from;
    if (more > LONGEST_LINE - length) {
      throw new BadInputException(
          Format.text("%s:%d is a line of more than 1 GiB: cut its text", file, number));
    }
    if (length + more > line.length) {
      line =
          Arrays.copyOf(
              line, (int) Math.max(length + more, Math.min(LONGEST_LINE, 2L * line.length)));
    }
    System.arraycopy(chunk, from, line, length, more);
    length += more;
  }

  private Survey survey() {
    if (survey == null) {
      InputFile.read(file, in -> survey = Survey.of(in));
    }
    return survey;
  }

  private void endLine() {
    int start = offset == 0 ? StrictUtf8.byteOrderMark(line, length) : 0;
    sink.line(
        new Place(file, number),
        () -> StrictUtf8.decode(line, start, length, file, offset + start, this::survey));
    number += feeds;
    feeds = 0;
    offset += length;
    length = 0;
  }
}
