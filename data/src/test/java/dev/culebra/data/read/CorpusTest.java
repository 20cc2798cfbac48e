package dev.culebra.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorpusTest {
  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    return write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private Path write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, name.endsWith(".gz") ? gzip(bytes) : bytes);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static List<Document> read(Path... paths) {
    List<Document> documents = new ArrayList<>();
    Corpus.of(paths).read(documents::add);
    return documents;
  }

  private static List<String> texts(Path... paths) {
    return read(paths).stream().map(Document::text).toList();
  }

  private static void assertRefused(ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(BadInputException.class).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.txt", "a.md", "A.TXT", "a.txt.gz", "a.MD.GZ"})
  void readsATextAsOneDocument(String name) throws IOException {
    Path file = folder.resolve(name);
    byte[] text = "Call me\r\nIshmael—\uD83D\uDC0B\n".getBytes(StandardCharsets.UTF_8);
    Files.write(file, name.toLowerCase(Locale.ROOT).endsWith("gz") ? gzip(text) : text);
    assertThat(read(file))
        .containsExactly(new Document(new String(text, StandardCharsets.UTF_8), file.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jsonl", "a.jsonl.gz"})
  void readsLinesAsDocuments(String name) throws IOException {
    Path file =
        write(
            name,
            """
            {"text": "one", "meta": {"text": "not this", "n": [1, 2]}}

            {"id": 3, "text": ""}
            {"id": 4, "text": "two\\nlines \\ud83d\\udc0b"}\r
            {"text": "no newline at the end"}\
            """);
    assertThat(read(file))
        .containsExactly(
            new Document("one", file + ":1"),
            new Document("two\nlines 🐋", file + ":4"),
            new Document("no newline at the end", file + ":5"));
  }

  @Test
  void readsLinesLongerThanItsBuffers() throws IOException {
    String text = "whale ".repeat(50_000);
    Path file = write("a.jsonl", ("{\"text\": \"" + text + "\"}\n").repeat(3));
    assertThat(texts(file)).containsExactly(text, text, text);
  }

  @Test
  void takesTheFieldThatIsNamed() throws IOException {
    Path file = write("a.jsonl", "{\"text\": \"no\", \"body\": \"yes\"}");
    List<String> texts = new ArrayList<>();
    Corpus.of(List.of(file), "body").read(document -> texts.add(document.text()));
    assertThat(texts).containsExactly("yes");
  }

  @Test
  void dropsAByteOrderMark() throws IOException {
    assertThat(texts(write("a.txt", "\uFEFFone"), write("b.jsonl", "\uFEFF{\"text\": \"two\"}")))
        .containsExactly("one", "two");
    assertThat(texts(write("c.txt", "three\uFEFF"))).containsExactly("three\uFEFF");
  }

  @Test
  void readsFoldersInTheOrderOfPaths() throws IOException {
    write("b.txt", "b");
    write("a/z.md", "a/z");
    write("a/b/c.jsonl.gz", "{\"text\": \"a/b/c\"}");
    write("a.txt", "a");
    write("image.png", "x");
    write("empty.txt", "");
    write(".hidden/secret.txt", "no");
    write("a/.secret.txt", "no");
    Corpus corpus = Corpus.of(folder);
    List<String> texts = new ArrayList<>();
    corpus.read(document -> texts.add(document.text()));
    assertThat(texts).containsExactly("a", "a/b/c", "a/z", "b");
    assertThat(corpus.files())
        .containsExactly(
            folder.resolve("a.txt"),
            folder.resolve("a/b/c.jsonl.gz"),
            folder.resolve("a/z.md"),
            folder.resolve("b.txt"));
    assertThat(texts(folder)).isEqualTo(texts);
  }

  @Test
  void keepsTheOrderOfNamedPaths() throws IOException {
    Path one = write("one.txt", "1");
    Path two = write("two.txt", "2");
    assertThat(texts(two, one)).containsExactly("2", "1");
    assertThat(Corpus.of(two, one).sizeOnDisk()).isEqualTo(2);
  }

  @Test
  void refusesWhatIsNotThere() throws IOException {
    Path none = folder.resolve("none.txt");
    assertRefused(() -> Corpus.of(none), "There is no file or folder " + none);
    assertRefused(() -> Corpus.of(), "No text was named: give files or folders");
    Path going = write("going.txt", "x");
    Corpus corpus = Corpus.of(going);
    Files.delete(going);
    assertRefused(() -> corpus.read(document -> {}), "There is no file " + going);
  }

  @Test
  void refusesUnknownKinds() throws IOException {
    Path file = write("a.pdf", "x");
    assertRefused(
        () -> Corpus.of(file),
        file
            + " is of no known kind: text is read from .txt, .md, .jsonl, source code (.java, .py,"
            + " .c and others) and .gz of these");
  }

  @Test
  void saysWhoReadsPairs() throws IOException {
    for (String name : List.of("a.csv", "a.tsv.gz")) {
      Path file = write(name, "x,y\n");
      assertRefused(
          () -> Corpus.of(file),
          file
              + " is a file of pairs, which contrastive, seq2seq and data.pairs read: text is read"
              + " from .txt, .md, .jsonl, source code (.java, .py, .c and others) and .gz of"
              + " these");
    }
  }

  @Test
  void refusesFoldersWithNothingToRead() throws IOException {
    write("a.pdf", "x");
    write("b.txt", "");
    assertRefused(
        () -> Corpus.of(folder),
        Format.text(
            "The folder %s has nothing to read, but 1 of no kind that is read here (a.pdf), 1 empty"
                + " (b.txt): looked for .txt, .md, .jsonl, source code (.java, .py, .c and others)"
                + " and .gz of these with text in them",
            folder));
  }

  @Test
  void refusesEmptyFiles() throws IOException {
    Path empty = write("a.txt", "");
    assertRefused(() -> Corpus.of(empty), empty + " is empty: there is no text to read");
    for (Path file :
        List.of(
            write("b.txt.gz", ""),
            write("c.txt", "\uFEFF"),
            write("d.jsonl", "\n\n"),
            write("e.jsonl", "{\"text\": \"\"}"))) {
      assertRefused(() -> read(file), file + " is empty: there is no text to read");
    }
  }

  @Test
  void refusesAFolderOfEmptyTexts() throws IOException {
    Path file = write("d.jsonl", "\n\n");
    assertRefused(() -> read(folder), "There is no text in " + file);
  }

  @ParameterizedTest
  @CsvSource({
    "a.txt, '', 61 62 FF 63, 2, 0xFF",
    "a.txt, '', EF BB BF 61 C3 28, 4, 0xC3",
    "a.md, 'the way', E2 82, 7, 0xE2",
    "a.txt.gz, 'the way', 61 ED A0 80, 8, 0xED",
    "a.txt, 'the way', C0 80, 7, 0xC0",
    "a.txt, 'the way to', EF BF BD F5 80 80 80, 13, 0xF5",
    "a.txt, '', FF FE 61 00, 0, 0xFF",
    "a.jsonl, '{\"text\": \"a\"}\n{\"text\": \"', 80, 24, 0x80",
    "a.jsonl.gz, '\n\n{\"text\": \"', 80, 12, 0x80",
  })
  void refusesBytesThatAreNotUtf8(
      String name, String before, String hex, String offset, String value) throws IOException {
    byte[] head = before.getBytes(StandardCharsets.UTF_8);
    int[] tail = Arrays.stream(hex.split(" ")).mapToInt(h -> Integer.parseInt(h, 16)).toArray();
    byte[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(bytes(tail), 0, all, head.length, tail.length);
    Path file = write(name, all);
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(
            Format.text(
                "%s is not UTF-8 at byte offset %s (%s); it looks like ", file, offset, value))
        .hasMessageEndingWith(": convert it to UTF-8");
  }

  @Test
  void findsBadBytesFarIntoAFile() throws IOException {
    byte[] text = "whale é ".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    text[700_001] = (byte) 0xFE;
    Path file = write("a.txt", text);
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("not UTF-8 at byte offset 700001 (0xFE)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "`{\"text\": \"a\"`~is not JSON: Unexpected end-of-input",
        "`whale`~is not JSON: Unrecognized token 'whale'",
        "`[1]`~is not a JSON object",
        "`\"text\"`~is not a JSON object",
        "`{\"text\": \"a\"} {}`~has more than one JSON object",
        "`{\"text\": 5}`~has a field \"text\" that is not a string",
        "`{\"text\": null}`~has a field \"text\" that is not a string",
        "`{}`~has no fields, so no \"text\"",
        "`{\"body\": \"x\", \"id\": {\"text\": 1}}`~has no field \"text\"; it has body, id"
      })
  void refusesLinesThatAreNotDocuments(String line, String why) throws IOException {
    Path file = write("a.jsonl", "{\"text\": \"fine\"}\n" + line + "\n");
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":2 " + why)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "`{\"text\": \"a\"`~is not JSON: Unexpected end-of-input",
        "`{\"body\": \"a\"}`~has no field \"text\"; it has body",
        "`{\"messages\": [{\"role\": \"user\"}]}`~has a message without \"content\"",
      })
  void countsAndNamesBadLines(String line, String why) throws IOException {
    String lines = Format.text("{\"text\": \"one\"}\n\n%s\n{\"text\": \"two\"}\n", line);
    Path file = write("a.jsonl", lines.getBytes(StandardCharsets.ISO_8859_1));
    BadRows bad = new BadRows();
    List<String> texts = new ArrayList<>();
    Corpus.of(file).read(bad, document -> texts.add(document.text()));
    assertThat(texts).containsExactly("one", "two");
    String where = file + ":3 ";
    assertThat(bad.summary()).startsWith("1 of 3 rows left out: " + where + why);
    assertThatThrownBy(() -> Corpus.of(file).read(new BadRows(0), document -> {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("1 of 3 texts cannot be used, and 0 would be borne: " + where);
  }

  @Test
  void leavesOutBadTextsOfFolders() throws IOException {
    Path latin = write("b/latin.txt", bytes('a', 0xFF));
    write("b/cut.txt.gz", "whale ");
    Files.write(folder.resolve("b/cut.txt.gz"), bytes(0x1F, 0x8B, 8));
    write("b/good.txt", "good");
    BadRows bad = new BadRows(0.7);
    List<String> texts = new ArrayList<>();
    Corpus.of(folder).read(bad, document -> texts.add(document.text()));
    assertThat(texts).containsExactly("good");
    assertThat(bad.rows()).isEqualTo(3);
    assertThat(bad.summary())
        .startsWith("2 of 3 rows left out: ")
        .contains("cut.txt.gz is not a complete gzip file (", latin + " is not UTF-8 at byte");
    assertRefused(
        () -> Corpus.of(folder.resolve("b/good.txt"), latin).read(new BadRows(), document -> {}),
        latin
            + " is not UTF-8 at byte offset 1 (0xFF); it looks like Windows-1252 or Latin-1:"
            + " convert it to UTF-8");
  }

  @Test
  void refusesLinesOfAnotherKind() throws IOException {
    Path file = write("a.jsonl", "{\"body\": \"a\"}\n{\"body\": \"b\"}\n");
    String why = " has no field \"text\"; it has body";
    assertRefused(
        () -> Corpus.of(file).read(new BadRows(), document -> {}),
        Format.text("None of 2 texts can be used: %s:1%s; %s:2%s", file, why, file, why));
  }

  @Test
  void refusesDamagedGzip() throws IOException {
    byte[] whole = gzip("whale ".repeat(1000).getBytes(StandardCharsets.UTF_8));
    for (String name : List.of("a.txt.gz", "a.jsonl.gz")) {
      Path cut = Files.write(folder.resolve(name), Arrays.copyOf(whole, whole.length / 2));
      assertThatThrownBy(() -> read(cut))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(cut + " is not a complete gzip file (");
      Path plain = Files.writeString(folder.resolve(name), "not compressed at all");
      assertThatThrownBy(() -> read(plain))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(plain + " is not a complete gzip file (Not in GZIP format)");
    }
  }
}
