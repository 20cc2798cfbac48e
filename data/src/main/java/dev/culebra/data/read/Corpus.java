package dev.culebra.data.read;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Text on disk as a stream of {@link Document}s, the same ones in the same order each time.
 *
 * <p>A file of text (.txt, .md, .rst) or of source code (.java, .py, .c, ...) is one document; a
 * .jsonl file has one per line: the text of a named field, or a dialogue in "messages" through a
 * {@link Template}. Each may be compressed (.gz). A folder stands for all such files in it and
 * below, sorted by path; links are followed, and files of other kinds, empty ones and hidden ones
 * (name starting with a dot) are passed over, counted and named. Texts must be UTF-8; a byte order
 * mark is dropped. A line that is no document is a bad row, and so is a text of a folder that
 * cannot be read. A text or dialogue that is empty is left out, counted and named.
 */
public final class Corpus {
  /** The field of a .jsonl line that holds the text unless another is named. */
  public static final String DEFAULT_FIELD = "text";

  private record Entry(Path file, FileKind kind, boolean named) {}

  private final List<Entry> entries;
  private final String field;
  private final Template template;

  private Corpus(List<Entry> entries, String field, Template template) {
    this.entries = List.copyOf(entries);
    this.field = field;
    this.template = template;
  }

  /** Files and folders, with {@link #DEFAULT_FIELD}. */
  public static Corpus of(Path... paths) {
    return of(List.of(paths), DEFAULT_FIELD);
  }

  /** Files and folders, with {@link Template#PLAIN}. */
  public static Corpus of(List<Path> paths, String field) {
    return of(paths, field, Template.PLAIN);
  }

  /**
   * Files and folders, in this order.
   *
   * @param field the field of .jsonl lines that holds the text
   * @param template how the dialogues of lines without that field become texts
   * @throws BadInputException if a file is missing, empty or of no known kind, or a folder has
   *     nothing to read
   */
  public static Corpus of(List<Path> paths, String field, Template template) {
    if (paths.isEmpty()) {
      throw new BadInputException("No text was named: give files or folders");
    }
    List<Entry> entries = new ArrayList<>();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        Folders listing = Folders.of(path, file -> FileKind.of(file).isPresent());
        if (listing.files().isEmpty()) {
          throw nothing(path, listing);
        }
        for (Path file : listing.tell().files()) {
          entries.add(entry(file, false).orElseThrow());
        }
      } else {
        entries.add(named(path));
      }
    }
    return new Corpus(entries, field, template);
  }

  private static BadInputException nothing(Path folder, Folders listing) {
    String passed = listing.passedOver();
    return new BadInputException(
        Format.text(
            "The folder %s has nothing to read%s: looked for %s with text in them",
            folder, passed.isEmpty() ? "" : ", but " + passed, FileKind.KNOWN));
  }

  private static Entry named(Path path) {
    if (!Files.exists(path)) {
      throw new BadInputException("There is no file or folder " + path);
    }
    Entry entry =
        entry(path, true)
            .orElseThrow(
                () ->
                    new BadInputException(
                        Format.text(
                            "%s is %s: text is read from %s",
                            path,
                            PairFile.of(path).isPresent()
                                ? "a file of pairs, which contrastive, seq2seq and data.pairs read"
                                : "of no known kind",
                            FileKind.KNOWN)));
    InputFile.requireRegular(path);
    if (size(path) == 0) {
      throw empty(path);
    }
    return entry;
  }

  private static Optional<Entry> entry(Path file, boolean named) {
    return FileKind.of(file).map(kind -> new Entry(file, kind, named));
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new BadInputException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static BadInputException empty(Path file) {
    return new BadInputException(file + " is empty: there is no text to read");
  }

  /**
   * Gives every document to {@code sink}, in order. May be called again.
   *
   * @throws BadInputException if a file or a line is bad, a named file has no text, or none has
   */
  public void read(Consumer<Document> sink) {
    read(sink, _ -> Corpus::unlessEmpty, new BadRows());
  }

  private static List<Document> unlessEmpty(Supplier<List<Document>> reading) {
    try {
      return reading.get();
    } catch (EmptyText e) {
      return List.of();
    }
  }

  /**
   * Gives every good document to {@code sink}, in order. May be called again.
   *
   * @param bad counts the others; fresh
   * @throws BadInputException if a named text is bad or empty, a file is damaged, too many rows are
   *     bad, or there is no text
   */
  public void read(BadRows bad, Consumer<Document> sink) {
    read(sink, entry -> rows(entry, bad), bad);
    bad.finish("texts");
  }

  private static TextFile.Rows rows(Entry entry, BadRows bad) {
    if (entry.kind == FileKind.LINES) {
      return bad::take;
    }
    return entry.named ? whole(bad) : bad::takeFile;
  }

  /** What is named by itself must be good. */
  private static TextFile.Rows whole(BadRows bad) {
    return reading -> {
      List<Document> good = reading.get();
      return bad.take(() -> good);
    };
  }

  private void read(Consumer<Document> sink, Function<Entry, TextFile.Rows> rows, BadRows bad) {
    long[] documents = new long[1];
    Consumer<Document> counted =
        document -> {
          documents[0]++;
          sink.accept(document);
        };
    for (Entry entry : entries) {
      long before = documents[0] + bad.bad();
      long rowsBefore = documents[0] + bad.rows();
      TextFile.read(entry.file, entry.kind, field, template, rows.apply(entry), counted);
      if (entry.named && documents[0] + bad.bad() == before) {
        throw empty(entry.file);
      }
      if (documents[0] + bad.rows() == rowsBefore) {
        Notes.tell(entry.file + " has no text in it");
      }
    }
    if (documents[0] + bad.bad() == 0) {
      throw new BadInputException(
          "There is no text in "
              + entries.stream()
                  .map(e -> e.file.toString())
                  .limit(3)
                  .collect(Collectors.joining(", "))
              + (entries.size() > 3 ? ", ..." : ""));
    }
  }

  /** The files that {@link #read} reads, in order. */
  public List<Path> files() {
    return entries.stream().map(Entry::file).toList();
  }

  /** The size of all files together, as they are on disk, in bytes. */
  public long sizeOnDisk() {
    return entries.stream().mapToLong(entry -> size(entry.file)).sum();
  }
}
