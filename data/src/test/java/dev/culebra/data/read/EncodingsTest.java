package dev.culebra.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of other encodings are refused whole, wherever text is read. */
class EncodingsTest {
  private static final String ENGLISH = "the whale swam on";
  private static final String FRENCH = "la mer était agitée, où l’été s’achève";
  private static final String JAPANESE = "鯨は海を泳いでいた。わたしはそれを見た。";
  private static final String CHINESE = "这个人在海上看见了一条很大的鱼";
  private static final String TRADITIONAL = "這個人在海上看見了一條很大的魚";
  private static final String KOREAN = "고래가 바다에서 헤엄쳤다";
  private static final String RUSSIAN = "кит плыл по морю и не видел корабля";

  @TempDir Path folder;

  /** Encodings, a text in each, and the name of what its bytes look like. */
  static Stream<Arguments> encodings() {
    return Stream.of(
        Arguments.of("UTF-16LE", "\uFEFF", ENGLISH, "UTF-16 (little-endian)"),
        Arguments.of("UTF-16BE", "\uFEFF", ENGLISH, "UTF-16 (big-endian)"),
        Arguments.of("UTF-32LE", "\uFEFF", ENGLISH, "UTF-32 (little-endian)"),
        Arguments.of("UTF-32BE", "\uFEFF", ENGLISH, "UTF-32 (big-endian)"),
        Arguments.of("UTF-16LE", "", ENGLISH, "UTF-16 (little-endian, without a mark)"),
        Arguments.of("UTF-16BE", "", ENGLISH, "UTF-16 (big-endian, without a mark)"),
        Arguments.of("UTF-32LE", "", ENGLISH, "UTF-32 (little-endian, without a mark)"),
        Arguments.of("UTF-32BE", "", ENGLISH, "UTF-32 (big-endian, without a mark)"),
        Arguments.of("UTF-16LE", "", CHINESE, "UTF-16 (little-endian, without a mark)"),
        Arguments.of("UTF-16BE", "", RUSSIAN, "UTF-16 (big-endian, without a mark)"),
        Arguments.of("ISO-8859-1", "", FRENCH.replace('’', '\''), "Windows-1252 or Latin-1"),
        Arguments.of("windows-1252", "", FRENCH, "Windows-1252 or Latin-1"),
        Arguments.of("windows-1251", "", RUSSIAN, "Windows-1251, KOI8-R or the like"),
        Arguments.of("KOI8-R", "", RUSSIAN, "Windows-1251, KOI8-R or the like"),
        Arguments.of("windows-31j", "", JAPANESE, "Shift-JIS"),
        Arguments.of("EUC-JP", "", JAPANESE, "EUC-JP"),
        Arguments.of("ISO-2022-JP", "", JAPANESE, null),
        Arguments.of("GB18030", "", CHINESE, "GBK"),
        Arguments.of("Big5", "", TRADITIONAL, "Big5"),
        Arguments.of("EUC-KR", "", KOREAN, "EUC-KR"));
  }

  /** Rows of a file in each form in which text is read; only some have other letters. */
  private static String rows(String name, String text) {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      String some = i % 150 == 7 ? text : "row " + i;
      rows.append(
          switch (name.replace(".gz", "").replaceFirst(".*\\.", "")) {
            case "jsonl" ->
                "{\"text\": \""
                    + some
                    + "\", \"source\": \"a"
                    + i
                    + "\", \"target\": \""
                    + some
                    + "\"}\n";
            case "tsv" -> some + "\t" + some + "\n";
            case "csv" -> "\"" + some + "\",\"" + some + "\"\n";
            default -> some + "\n";
          });
    }
    return rows.toString();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (name.endsWith(".gz")) {
      try (OutputStream gzip = new GZIPOutputStream(out)) {
        gzip.write(bytes);
      }
    } else {
      out.write(bytes);
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, out.toByteArray());
  }

  private static void texts(Path path) {
    Corpus.of(path).read(new BadRows(), document -> {});
  }

  private static void pairs(Path path) {
    TextPairs.of(path).read(new BadRows(), pair -> {});
  }

  private static void captions(Path path) {
    Captions.read(path, PairFields.Header.AUTO, new BadRows(), row -> {});
  }

  private void assertRefused(Consumer<Path> reading, String name, byte[] bytes, String guess)
      throws IOException {
    Path file = write(name, bytes);
    Path named = name.startsWith("folder/") ? folder.resolve("folder") : file;
    assertThatThrownBy(() -> reading.accept(named))
        .as(name)
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + " ")
        .hasMessageContaining(
            guess == null
                ? "has the escapes of ISO-2022-JP: convert it to UTF-8"
                : "; it looks like " + guess + ": convert it to UTF-8");
    Files.delete(file);
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void refusesTheWholeFileWhereverTextIsRead(String charset, String mark, String text, String guess)
      throws IOException {
    for (String name : List.of("a.txt", "a.txt.gz", "a.jsonl", "a.jsonl.gz", "folder/a.md")) {
      byte[] bytes = (mark + rows(name, text)).getBytes(Charset.forName(charset));
      assertRefused(EncodingsTest::texts, name, bytes, guess);
    }
    for (String name : List.of("a.tsv", "a.tsv.gz", "a.csv", "a.jsonl", "folder/a.tsv")) {
      byte[] bytes = (mark + rows(name, text)).getBytes(Charset.forName(charset));
      assertRefused(EncodingsTest::pairs, name, bytes, guess);
    }
    for (String name : List.of("captions.tsv", "captions.csv", "captions.jsonl")) {
      byte[] bytes = (mark + rows(name, text)).getBytes(Charset.forName(charset));
      assertRefused(EncodingsTest::captions, name, bytes, guess);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "25 50 44 46 2D 31 2E 37 0A E2 E3, a PDF",
    "50 4B 03 04 14 00 06, 'a zip file, as .docx, .xlsx and .npz are'",
    "1F 8B 08 00 00 00, 'a gzip file, whose name must end in .gz'",
    "50 41 52 31 15 04 15 00, a Parquet file",
    "41 00 12 01 03 99 00 EE 02 05, binary data",
    "61 62 63 61 62 63 61 62 0A 00 64 65 66, text with zero bytes in it",
  })
  void refusesWhatIsNoText(String hex, String guess) throws IOException {
    String[] digits = hex.split(" ");
    byte[] bytes = new byte[digits.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(digits[i], 16);
    }
    for (String name : List.of("a.txt", "a.txt.gz", "folder/a.txt")) {
      if (!(guess.startsWith("a PDF"))) {
        assertRefused(EncodingsTest::texts, name, bytes, guess);
      }
    }
    assertRefused(EncodingsTest::pairs, "a.tsv", bytes, guess);
  }

  @Test
  void leavesOutDamagedRowsOfGoodUtf8() throws IOException {
    byte[] rows = rows("a.tsv", JAPANESE).getBytes(StandardCharsets.UTF_8);
    int last = rows.length - 1;
    rows[last - 3] = (byte) 0xE3;
    Path file = write("a.tsv", rows);
    BadRows bad = new BadRows();
    List<TextPair> pairs = new ArrayList<>();
    TextPairs.of(file).read(bad, pairs::add);
    assertThat(pairs).hasSize(299);
    assertThat(bad.summary())
        .isEqualTo(
            Format.text(
                    "1 of 300 rows left out: %s is not UTF-8 at byte offset %d (0xE3), where it is"
                        + " damaged:",
                    file, last - 3)
                + " mend it");
  }

  @Test
  void leavesOutFilesOfAFolderWhereSomebodySaidSo() throws IOException {
    write("folder/a.txt", ENGLISH.getBytes(StandardCharsets.UTF_8));
    Path french = write("folder/b.txt", FRENCH.getBytes(Charset.forName("windows-1252")));
    BadRows bad = new BadRows(0.5);
    List<String> texts = new ArrayList<>();
    Corpus.of(folder.resolve("folder")).read(bad, document -> texts.add(document.text()));
    assertThat(texts).containsExactly(ENGLISH);
    assertThat(bad.summary()).startsWith("1 of 2 rows left out: " + french + " is not UTF-8");
    assertThatThrownBy(() -> texts(folder.resolve("folder")))
        .isInstanceOf(BadInputException.class)
        .hasMessageEndingWith(
            "convert it to UTF-8, or set data.badRows to leave out some such files");
  }

  @Test
  void readsUtf8OfEveryScriptWithAndWithoutAMark() throws IOException {
    for (String text : List.of(ENGLISH, FRENCH, JAPANESE, CHINESE, KOREAN, RUSSIAN, "𝄞🐋")) {
      for (String mark : List.of("", "\uFEFF")) {
        Path file = write("a.txt.gz", (mark + text).getBytes(StandardCharsets.UTF_8));
        List<String> texts = new ArrayList<>();
        Corpus.of(file).read(new BadRows(), document -> texts.add(document.text()));
        assertThat(texts).containsExactly(text);
      }
    }
  }
}
