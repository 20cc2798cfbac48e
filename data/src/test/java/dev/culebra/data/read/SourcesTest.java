package dev.culebra.data.read;

import static dev.culebra.data.read.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
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
                {"text": null, "messages": [{"role": "user", "content": "yes"}]}
                """);
    assertThat(texts(Template.PLAIN, file))
        .containsExactly("user: Whale?\nmate: There.\n", "a text", "a text", "user: yes\n");
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

  /** The forms in which dialogues are published, and what they say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{'conversations': [{'from': 'human', 'value': 'A'}, {'from': 'gpt', 'value': 'B'}]}~`user:"
            + " A|assistant: B|`",
        "{'conversations': [{'from': 'system', 'value': 'S'}, {'from': 'observation', 'value':"
            + " 'O'}]}~`system: S|tool: O|`",
        "{'conversations': [{'role': 'user', 'content': 'A'}], 'id': 3}~`user: A|`",
        "{'messages': [{'role': 'system', 'content': 'S'}, {'role': 'tool', 'content':"
            + " 'T'}]}~`system: S|tool: T|`",
        "{'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'A '}, {'type':"
            + " 'text', 'text': 'B'}]}]}~`user: A B|`",
        "{'messages': [{'role': 'user', 'content': [{'text': 'A'}, 'B']}]}~`user: AB|`",
        "{'messages': [{'role': 'user', 'content': 'A', 'tool_calls': null}]}~`user: A|`",
        "{'messages': [{'role': 'user', 'content': 'A', 'tool_calls': []}]}~`user: A|`",
      })
  void readsDialoguesInEveryForm(String line, String text) throws IOException {
    Path file = write("a.jsonl", line.replace('\'', '"'));
    assertThat(texts(Template.PLAIN, file)).containsExactly(text.replace('|', '\n'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {}}]}]}~has"
            + " a message with a part of type \"image_url\": only parts of text are read",
        "{'messages': [{'role': 'user', 'content': [{'type': 'text'}]}]}~has a message with a part"
            + " of type \"text\" and no text: only parts of text are read",
        "{'messages': [{'role': 'user', 'content': null}]}~has a field \"content\" that is not a"
            + " string",
        "{'messages': [{'role': 'user', 'content': [5]}]}~has a field \"content\" that is not a"
            + " string",
        "{'messages': [{'role': 'a', 'content': 'A', 'tool_calls': [{'id': 1}]}]}~has a message"
            + " with \"tool_calls\", which no template writes",
        "{'conversations': [{'from': 'human'}]}~has a message without \"content\"",
        "{'conversations': {'from': 'human'}}~has no field \"text\"; it has conversations",
      })
  void namesDialoguesThatAreNone(String line, String why) throws IOException {
    Path file = write("a.jsonl", DIALOGUE.repeat(2) + line.replace('\'', '"'));
    BadRows bad = new BadRows();
    Corpus.of(file).read(bad, document -> {});
    assertThat(bad.summary()).isEqualTo("1 of 3 rows left out: " + file + ":3 " + why);
  }

  @Test
  void countsAndNamesWhatSaysNothing() throws IOException {
    String empty =
        "{\"messages\": []}\n"
            + "{\"text\": \"\"}\n"
            + "{\"conversations\": [{\"from\": \"gpt\", \"value\": \"\"}]}\n";
    Path file = write("some/a.jsonl", DIALOGUE + empty);
    Path mark = write("some/b.txt", "\uFEFF");
    BadRows bad = new BadRows(0); // they are no fault
    List<String> texts = new ArrayList<>();
    Corpus.of(folder).read(bad, document -> texts.add(document.text()));
    assertThat(texts).hasSize(1);
    assertThat(bad.summary())
        .isEqualTo(
            Format.text(
                    "4 of 5 rows left out: %s:2 is a dialogue that says nothing; %s:3 has an empty"
                        + " text;",
                    file, file)
                + Format.text(" %s:4 is a dialogue that says nothing; ...", file));
    assertRefused(
        () -> Corpus.of(mark).read(new BadRows(), document -> {}),
        mark + " is empty: there is no text to read");
    Path nothing = write("c.jsonl", empty);
    assertRefused(
        () -> Corpus.of(nothing).read(new BadRows(), document -> {}),
        nothing + " is empty: there is no text to read");
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
