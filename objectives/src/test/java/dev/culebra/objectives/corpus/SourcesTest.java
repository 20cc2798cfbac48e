package dev.culebra.objectives.corpus;

import static dev.culebra.objectives.corpus.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dialogues, source code and several sources. */
class SourcesTest {
  private static final String DIALOGUE =
      """
      {"id": 1, "messages": [{"role": "user", "content": "Whale?"}, {"name": "x", "content": "There.", "role": "mate"}]}
      """;

  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static List<String> texts(Template template, Path... paths) {
    List<String> texts = new ArrayList<>();
    Corpus.of(List.of(paths), "text", template).read(document -> texts.add(document.text()));
    return texts;
  }

  @Test
  void rendersDialogues() throws IOException {
    Path file = write("a.jsonl", DIALOGUE);
    assertThat(texts(Template.PLAIN, file)).containsExactly("user: Whale?\nmate: There.\n");
    assertThat(texts(Template.named("ChatML"), file))
        .containsExactly(
            "<|im_start|>user\nWhale?<|im_end|>\n<|im_start|>mate\nThere.<|im_end|>\n");
  }

  @Test
  void mixesTextsAndDialogues() throws IOException {
    Path file =
        write(
            "a.jsonl",
            DIALOGUE
                + """
                {"messages": []}
                {"text": "a text", "messages": [{"role": "user", "content": "no"}]}
                {"text": "a text", "messages": 5}
                """);
    assertThat(texts(Template.PLAIN, file))
        .containsExactly("user: Whale?\nmate: There.\n", "a text", "a text");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"messages\": [5]}~has a message that is not an object of \"role\" and \"content\"",
        "{\"messages\": [{\"role\": \"user\"}]}~has a message without \"content\"",
        "{\"messages\": [{\"content\": \"x\"}]}~has a message without \"role\"",
        "{\"messages\": [{\"role\": 1, \"content\": \"x\"}]}~has a field \"role\" that is not a"
            + " string",
        "{\"messages\": \"x\"}~has no field \"text\"; it has messages",
        "{\"messages\": [{\"role\": \"user\"~is not JSON: Unexpected end-of-input",
      })
  void refusesLinesThatAreNotDialogues(String line, String why) throws IOException {
    Path file = write("a.jsonl", DIALOGUE + line);
    assertThatThrownBy(() -> texts(Template.PLAIN, file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":2 " + why);
  }

  @Test
  void refusesUnknownTemplates() {
    assertRefused(
        () -> Template.named("alpaca"),
        "There is no template \"alpaca\" of dialogues: there are plain, chatml");
  }

  @Test
  void readsSourceCodeAsDocuments() throws IOException {
    write("src/A.java", "class A {}\n");
    write("src/b.PY", "pass\n");
    write("src/c/d.cpp", "int d;\n");
    write("src/java", "no extension");
    write("src/e.class", "compiled");
    Corpus corpus = Corpus.of(folder);
    List<String> texts = new ArrayList<>();
    corpus.read(document -> texts.add(document.text()));
    assertThat(texts).containsExactly("class A {}\n", "pass\n", "int d;\n");
    assertThat(corpus.skippedFiles()).isEqualTo(2);
  }

  @Test
  void takesSeveralSources() throws IOException {
    Path one = write("one.txt", "1");
    Path two = write("two.txt", "2");
    assertThat(DataPaths.of(one + "," + two + " , " + one)).containsExactly(one, two, one);
    assertThat(DataPaths.of(one + File.pathSeparator + two)).containsExactly(one, two);
    Path comma = write("a,b.txt", "3");
    assertThat(DataPaths.of(comma.toString())).containsExactly(comma);
    assertThat(texts(Template.PLAIN, DataPaths.of(two + "," + one).toArray(Path[]::new)))
        .containsExactly("2", "1");
    assertRefused(
        () -> DataPaths.of(one + ",,"),
        "A list of files and folders names nothing between two separators");
  }
}
