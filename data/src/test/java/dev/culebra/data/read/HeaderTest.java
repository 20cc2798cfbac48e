package dev.culebra.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.read.PairFields.Header;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of files of tab-separated pairs. */
class HeaderTest {
  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("a.tsv"), text);
  }

  private static List<TextPair> read(Path file, PairFields fields, List<String> notes) {
    List<TextPair> pairs = new ArrayList<>();
    Notes.to(
        notes::add,
        () -> {
          TextPairs.of(List.of(file), fields).read(new BadRows(0), pairs::add);
          return null;
        });
    return pairs;
  }

  private static PairFields header(Header header) {
    return new PairFields("source", "target", "group", "negatives", header);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "source\ttarget",
        "Source\tTarget",
        "\uFEFFtext\tlabel",
        "\n\nquestion\tanswer",
        "sentence1\tsentence2",
        "sentence_1\tsentence_2",
        "Question 1\tQuestion 2",
        "inputText\ttargetText",
        "src\ttgt",
        "english\tfrench",
        "en\tde",
        "tweet\tsentiment",
        "utterance\tintent",
        "my_text\tlabel",
        "input text\toutput text"
      })
  void findsHeaders(String header) throws IOException {
    Path file = write(header + "\r\na whale\ta mammal\n");
    List<String> notes = new ArrayList<>();
    assertThat(read(file, PairFields.DEFAULT, notes))
        .extracting(TextPair::source, TextPair::target)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("a whale", "a mammal"));
    assertThat(notes)
        .singleElement()
        .asString()
        .contains(" is a header and no pair: the first text is");
    assertThat(read(file, header(Header.NO), new ArrayList<>())).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\tb",
        "whale\tmammal",
        "the question\tthe answer is long",
        "Call me Ishmael\tmale",
        "good\tpositive",
        "text\ttext",
        "42\t7",
        "question 0\tanswer 0",
        "query1\tkey1",
        "what is a label?\ta label",
        "label\twhat is a label?"
      })
  void takesPairsForPairs(String first) throws IOException {
    List<String> notes = new ArrayList<>();
    Path file = write(first + "\nanother\trow\n");
    assertThat(read(file, PairFields.DEFAULT, notes)).hasSize(2);
    assertThat(notes).isEmpty();
    assertThat(read(file, header(Header.YES), notes))
        .extracting(TextPair::source)
        .containsExactly("another");
  }

  @Test
  void takesColumnsByTheirNames() throws IOException {
    Path file = write("id\tAnswer\tsource of it\tQuestion\tgroup\n7\ta\tbook\tq\tg\n");
    List<String> notes = new ArrayList<>();
    PairFields fields = new PairFields("question", "answer", "group", "negatives", Header.YES);
    assertThat(read(file, fields, notes))
        .containsExactly(new TextPair("q", "a", "g", List.of(), new Place(file, 2)));
    assertThat(notes)
        .containsExactly(
            file
                + ":1 is a header and no pair: the first text is \"Question\", the second"
                + " \"Answer\", the group \"group\"; not read: id, source of it");
    Path swapped = write("target\tsource\nt\ts\n");
    assertThat(read(swapped, PairFields.DEFAULT, notes))
        .containsExactly(new TextPair("s", "t", null, List.of(), new Place(swapped, 2)));
  }

  @Test
  void takesAThirdColumnForAGroupOnlyIfItsNameSaysSo() throws IOException {
    Path scored = write("sentence1\tsentence2\tscore\na\tb\t3\n");
    List<String> notes = new ArrayList<>();
    assertThat(read(scored, PairFields.DEFAULT, notes))
        .containsExactly(new TextPair("a", "b", null, List.of(), new Place(scored, 2)));
    assertThat(notes).singleElement().asString().endsWith("; not read: score");
    Path grouped = write("text\tlabel\tid\na\tb\t3\n");
    assertThat(read(grouped, PairFields.DEFAULT, notes))
        .containsExactly(new TextPair("a", "b", "3", List.of(), new Place(grouped, 2)));
  }

  @Test
  void refusesHeadersThatDoNotSayWhichColumnsAreMeant() throws IOException {
    Path four = write("id\ttitle\tbody\tlabel\n1\ta\tb\tc\n");
    assertThatThrownBy(() -> read(four, PairFields.DEFAULT, new ArrayList<>()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(
            four
                + ":1 is a header of id, title, body, label: name one of them in data.sourceField"
                + " and another in data.targetField");
    Path wide = write("source\ttarget\na\tb\tc\n");
    assertThatThrownBy(() -> read(wide, PairFields.DEFAULT, new ArrayList<>()))
        .hasMessageContaining(wide + ":2 has 3 cells parted by tabs, not the 2 of the header");
  }

  @Test
  void tablesWithCommasHaveHeadersToo() throws IOException {
    List<String> notes = new ArrayList<>();
    Path file = Files.writeString(folder.resolve("a.csv"), "id,\"text\",label\r\n7,\"a, b\",c\r\n");
    PairFields fields = new PairFields("text", "label", "group", "negatives");
    assertThat(read(file, fields, notes))
        .containsExactly(new TextPair("a, b", "c", null, List.of(), new Place(file, 2)));
    assertThat(notes).singleElement().asString().endsWith("\"label\"; not read: id");
    assertThat(read(file, new PairFields("text", "text", "", "", Header.YES), notes))
        .extracting(TextPair::source)
        .containsExactly("a, b");
    assertThat(notes).last().asString().contains(":1 is a header and no text: those of \"text\"");
    PairFields none = new PairFields("body", "body", "", "", Header.YES);
    assertThatThrownBy(() -> read(file, none, notes))
        .hasMessage(file + ":1 is a header of id, text, label: there is no column body");
    Files.writeString(file, "a,b,c\n1,2,3\n");
    assertThat(read(file, PairFields.DEFAULT, new ArrayList<>())).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"captions.tsv", "captions.csv"})
  void captionsHaveHeadersToo(String name) throws IOException {
    String rows = "file\tcaption\na.png\ta cat\n";
    Path file =
        Files.writeString(
            folder.resolve(name), name.endsWith("csv") ? rows.replace('\t', ',') : rows);
    assertThat(captions(file, Header.AUTO)).containsExactly("a.png");
    assertThat(captions(file, Header.YES)).containsExactly("a.png");
    assertThat(captions(file, Header.NO)).containsExactly("file", "a.png");
  }

  private static List<String> captions(Path file, Header header) {
    List<String> files = new ArrayList<>();
    Captions.read(file, header, new BadRows(0), row -> files.add(row.source()));
    return files;
  }
}
