package dev.culebra.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes in files: what they say is taken, and what is wrong is named with its place. */
final class RecipeFileTest {

  @TempDir Path folder;

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("mine.yaml"), yaml.replace("|", "\n"));
  }

  @Test
  void nestedAndDottedKeysAreOne() throws IOException {
    Recipe read =
        Recipe.named(
            file("# mine|model:|  width: 32|  layers: 2|schedule.steps: 1_000|data: {path: 'a b'}|")
                .toString());
    assertThat(read.get(Settings.WIDTH)).isEqualTo(32);
    assertThat(read.get(Settings.LAYERS)).isEqualTo(2);
    assertThat(read.get(Settings.STEPS)).isEqualTo(1000);
    assertThat(read.get(Settings.DATA)).isEqualTo("a b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "model:|  width: 16|  widht: 3|; line 3, column 3: there is no setting 'model.widht'",
        "a: 1|; line 1, column 1: there is no setting 'a'",
        "model.width: 16|model:|  heads: x|; line 3, column 3: model.heads must be a whole number",
        "model:|  width: 16|  width: 32|; line 3, column 3: model.width is set a second time; the"
            + " first is in line 2",
        "model.width: 16||model: {width: 16}|; line 3, column 9: model.width is set a second time",
        "model:|  layers: 1|model:|  layers: 2|; line 4, column 3: model.layers is set a second",
        "model:|  width: [1, 2]|; line 2, column 3: model.width takes one value, not a list",
        "- model.width: 3|; line 1, column 1: a recipe is a list of keys and values",
        "schedule:|  kind: wsd|  steps: &a 3|  warmup: *a|; line 4, column 11: schedule.warmup"
            + " refers to another place",
        "schedule.steps: 3|---|schedule.steps: 4|; line 3, column 1: a recipe is one document",
        "model:|  width: 16|   heads: 2|; line 3, column 9: this is not YAML: mapping values",
        "model:|\twidth: 16|; line 2, column 1: this is not YAML: found character",
        "data.path: 'book|; line 2, column 1: this is not YAML: found unexpected end of stream",
        "model: {width: 3|; line 2, column 1: this is not YAML: expected ',' or '}'"
      })
  void complaintsNameLineAndColumn(String yaml, String complaint) throws IOException {
    Path file = file(yaml.replace("\\t", "\t"));
    assertThatThrownBy(() -> Recipe.named(file.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ", " + complaint)
        .message()
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing|", "---|"})
  void anEmptyFileSaysSo(String yaml) throws IOException {
    Path file = file(yaml);
    assertThatThrownBy(() -> Recipe.named(file.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageEndingWith("this is empty");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothere.yaml", "nothere.yml", "NOTHERE.YAML", "recipes/mine"})
  void aMissingFileIsMissing(String name) {
    String path = folder.resolve(name).toString();
    assertThatThrownBy(() -> Recipe.named(path))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith("there is no file " + path);
  }

  @Test
  void aFolderAndOtherEncodingsAreRefused() throws IOException {
    assertThatThrownBy(() -> Recipe.named(folder.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("is no file");
    Path file = Files.write(folder.resolve("utf16.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThatThrownBy(() -> Recipe.named(file.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("is not UTF-8");
  }
}
