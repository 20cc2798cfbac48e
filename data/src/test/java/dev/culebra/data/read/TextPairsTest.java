package dev.culebra.data.read;

import static dev.culebra.data.read.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextPairsTest {
  private static final int GOOD = 99;

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static List<TextPair> read(Path... paths) {
    List<TextPair> pairs = new ArrayList<>();
    TextPairs.of(paths).read(new BadRows(0), pairs::add);
    return pairs;
  }

  private static TextPair pair(String source, String target, String group, Path file, long line) {
    return new TextPair(source, target, group, List.of(), new Place(file, line));
  }

  @Test
  void readsTabSeparatedValues() throws IOException {
    Path file = write("a.tsv", "\uFEFFa b\tc\n\nd\t \"e\" \tg1\r\nf\tg\t\nlast\tone");
    assertThat(read(file))
        .containsExactly(
            pair("a b", "c", null, file, 1),
            pair("d", "\"e\"", "g1", file, 3),
            pair("f", "g", null, file, 4),
            pair("last", "one", null, file, 5));
  }

  @Test
  void readsCommaSeparatedValues() throws IOException {
    String rows =
        "\uFEFF\"a, b\",c\r\n\r\nsay \"\"hi\"\",\"say \"\"hi\"\"\",g1\r\n"
            + "\"two\r\nlines, \"\"quoted\"\"\r\n\",\"x\",\n\"\"\"q\"\"\", d ,\"\"\nlast,\"o,ne\"";
    Path file = write("a.csv", rows);
    assertThat(read(file))
        .containsExactly(
            pair("a, b", "c", null, file, 1),
            pair("say \"\"hi\"\"", "say \"hi\"", "g1", file, 3),
            pair("two\r\nlines, \"quoted\"", "x", null, file, 4),
            pair("\"q\"", "d", null, file, 7),
            pair("last", "o,ne", null, file, 8));
    Path zipped = folder.resolve("b.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(rows.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(zipped)).hasSize(5);
  }

  /** Whatever the cells hold, they come back as they were written. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsEveryCellThatIsQuoted(long seed) throws IOException {
    RandomGenerator random = new SplittableRandom(seed);
    String letters = "ab,\"\r\n\t é";
    List<String> cells = new ArrayList<>();
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      StringBuilder cell = new StringBuilder("<");
      for (int k = random.nextInt(12); k > 0; k--) {
        cell.append(letters.charAt(random.nextInt(letters.length())));
      }
      cells.add(cell.append('>').toString());
      rows.append('"').append(cell.toString().replace("\"", "\"\"")).append('"');
      rows.append(i % 2 == 0 ? "," : random.nextBoolean() ? "\r\n" : "\n");
    }
    List<String> back = new ArrayList<>();
    for (TextPair pair : read(write("a.csv", rows.toString()))) {
      back.add(pair.source());
      back.add(pair.target());
    }
    assertThat(back).isEqualTo(cells);
  }

  @Test
  void aQuoteThatIsNotClosedIsAFaultOfTheFile() throws IOException {
    Path file = write("a.csv", "a,b\nc,\"d\ne,f\n" + "g,h\n".repeat(GOOD));
    assertRefused(
        () -> TextPairs.of(file).read(new BadRows(0.9), pair -> {}),
        file + ":2 begins a row with a quote that is not closed: close it");
  }

  @Test
  void readsObjects() throws IOException {
    Path lines =
        write(
            "a.jsonl",
            """
            {"source": "a", "target": "b", "more": {"source": 1}}

            {"target": "d", "source": "c", "group": 7, "negatives": ["x", " y "]}
            {"target": "d", "source": "c", "group": null, "negatives": null}
            """);
    Path object =
        write("b.json", "{\n \"source\": \"e\",\n \"target\": \"f\", \"group\": \"g\"}\n");
    assertThat(read(lines, object))
        .containsExactly(
            pair("a", "b", null, lines, 1),
            new TextPair("c", "d", "7", List.of("x", "y"), new Place(lines, 3)),
            pair("c", "d", null, lines, 4),
            pair("e", "f", "g", object, 0));
  }

  @Test
  void readsNumbersAndTruthsAsLabels() throws IOException {
    Path file =
        write(
            "a.jsonl",
            """
            {"source": "a", "target": 0, "negatives": [1, true]}
            {"source": -7, "target": true}
            {"source": 12345678901234567890, "target": false, "group": false}
            """);
    assertThat(read(file))
        .containsExactly(
            new TextPair("a", "0", null, List.of("1", "true"), new Place(file, 1)),
            pair("-7", "true", null, file, 2),
            pair("12345678901234567890", "false", "false", file, 3));
  }

  @Test
  void takesTheFieldsThatAreNamed() throws IOException {
    Path file = write("a.jsonl", "{\"q\": \"a\", \"a\": \"b\", \"id\": \"i\", \"wrong\": [\"c\"]}");
    List<TextPair> pairs = new ArrayList<>();
    TextPairs.of(List.of(file), new PairFields("q", "a", "id", "wrong"))
        .read(new BadRows(0), pairs::add);
    assertThat(pairs)
        .containsExactly(new TextPair("a", "b", "i", List.of("c"), new Place(file, 1)));
  }

  @Test
  void readsWordNet() throws IOException {
    Path file =
        write(
            "data.adj",
            """
              1 This software and database is being provided to you, the LICENSEE, by
            00001740 00 a 01 able 0 005 = 05207437 n 0000 | (usually followed by `to') having the means; "able to swim"; "she was able"
            00004723 00 s 02 last(a) 0 at_death's_door 0 002 & 00003939 a 0000 | being near death; or so
            00004980 00 s 01 whole 0 001 & 00004171 a 0000 | "examples only"
            """);
    assertThat(read(file))
        .containsExactly(
            pair("able", "(usually followed by `to') having the means", "a00001740", file, 2),
            pair("last", "being near death; or so", "s00004723", file, 3),
            pair("at death's door", "being near death; or so", "s00004723", file, 3));
  }

  @Test
  void readsAFolderInOrderOfPaths() throws IOException {
    write("b.tsv", "b\tb\n");
    write("c.txt", "no pairs");
    write("data.ods", "no,pairs");
    Path zipped = folder.resolve("a.tsv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write("a\ta\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(folder)).extracting(TextPair::source).containsExactly("a", "b");
    assertThat(TextPairs.of(folder).files()).containsExactly(zipped, folder.resolve("b.tsv"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "a.tsv~`one cell`~` has 1 cell parted by tabs, not source, target and perhaps group`",
        "a.tsv~`a\tb\tc\td`~` has 4 cells parted by tabs, not source, target and perhaps group`",
        "a.tsv~`\tb\tc`~` has an empty source`",
        "a.tsv~`a\tb\rc\td`~` has a carriage return within a row: end lines by line feeds, alone or"
            + " behind one`",
        "a.csv~`a\rb,c`~` has a carriage return within a row: end lines by line feeds, alone or"
            + " behind one`",
        "a.csv~`a;b`~` has 1 cell parted by commas, not source, target and perhaps group`",
        "a.csv~`a,b,c,d`~` has 4 cells parted by commas, not source, target and perhaps group`",
        "a.csv~`a,\"\"`~` has an empty target`",
        "a.csv~`a,\"b\"c`~` has letters behind a quote that ends a cell: double a quote within a"
            + " cell`",
        "a.csv~`a, \"b\"`~` has a blank before the quote that begins a cell: leave it out`",
        "a.tsv~`a\t `~` has an empty target`",
        "a.jsonl~`{\"source\": \"a\"}`~` has no field \"target\"; it has source`",
        "a.jsonl~`{\"source\": \"a\", \"target\": 5.5}`~` has a field \"target\" that is not a"
            + " string: it is a number with a fraction`",
        "a.jsonl~`{\"source\": null, \"target\": \"b\"}`~` has a field \"source\" that is not a"
            + " string: it is null`",
        "a.jsonl~`{\"source\": \"a\", \"target\": {\"b\": 1}}`~` has a field \"target\" that is not"
            + " a string: it is an object`",
        "a.jsonl~`{\"source\": \"a\", \"target\": [\"b\"]}`~` has a field \"target\" that is not a"
            + " string: it is a list`",
        "a.jsonl~`{\"source\": \"a\", \"target\": \"b\", \"group\": [1]}`~` has a field \"group\""
            + " that is a list, not a string or a number`",
        "a.jsonl~`{\"source\": \"\", \"target\": \"b\"}`~` has an empty source`",
        "a.jsonl~`{\"source\": \"a\", \"target\": \"b\", \"negatives\": \"c\"}`~` has a field"
            + " \"negatives\" that is not a list of texts`",
        "a.jsonl~`{\"source\": \"a\", \"target\": \"b\", \"negatives\": [\"\"]}`~` has a field"
            + " \"negatives\" that is not a list of texts`",
        "a.jsonl~`[]`~` is not a JSON object`",
        "data.noun~`00001740 03 n 0x entity | gloss`~` is not a synset of WordNet`",
        "data.noun~`00001740 03 n 09 entity 0 | gloss`~` is not a synset of WordNet`",
        "data.noun~`whale`~` is not a synset of WordNet`",
      })
  void namesAndLeavesOutBadRows(String name, String row, String why) throws IOException {
    String good =
        switch (name) {
          case "a.tsv" -> "a\tb\n";
          case "a.csv" -> "a,b\n";
          case "a.jsonl" -> "{\"source\": \"a\", \"target\": \"b\"}\n";
          default -> "00001740 03 n 01 a 0 000 | b\n";
        };
    Path file = write(name, good.repeat(GOOD) + row + "\n");
    BadRows bad = new BadRows();
    List<TextPair> pairs = new ArrayList<>();
    TextPairs.of(file).read(bad, pairs::add);
    assertThat(pairs).hasSize(GOOD).extracting(TextPair::target).containsOnly("b");
    assertThat(bad.summary()).isEqualTo("1 of 100 rows left out: " + file + ":100" + why);
    assertRefused(
        () -> read(file),
        "1 of 100 pairs of texts cannot be used, and 0 would be borne: " + file + ":100" + why);
  }

  @Test
  void refusesWhatHasNoPairs() throws IOException {
    Path text = write("a.txt", "x");
    String known =
        ".tsv, .csv, .jsonl, .json, .gz of these and WordNet's data.noun, .verb, .adj and .adv";
    for (Path path : List.of(text, folder)) {
      assertRefused(
          () -> TextPairs.of(path), path + " has no pairs of texts: they are read from " + known);
    }
    Path none = folder.resolve("none.tsv");
    assertRefused(() -> read(none), "There is no file " + none);
    Path empty = write("empty.tsv", "\n");
    Path good = write("good.tsv", "a\tb\n");
    for (String nothing : List.of("", "\n \n", "source\ttarget\n")) {
      write("empty.tsv", nothing);
      assertRefused(() -> read(good, empty), empty + " has no pairs of texts in it");
      assertThat(read(folder)).hasSize(1);
    }
    assertRefused(() -> TextPairs.of(), "No pairs were named: give files or folders");
  }
}
