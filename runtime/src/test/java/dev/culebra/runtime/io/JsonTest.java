package dev.culebra.runtime.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.runtime.BadInputException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class JsonTest {
  @TempDir Path folder;

  /** Declared in no alphabetical order, to see which one is kept. */
  record Run(long step, String device, Map<String, List<Double>> values) {}

  @Test
  void writesTheSameTextForEqualValues() throws IOException {
    Map<String, List<Double>> values = new HashMap<>();
    for (String key : List.of("gamma", "alpha", "beta")) {
      values.put(key, List.of(0.1, Double.NaN));
    }
    Path file = folder.resolve("run.json");
    DurableFiles.replace(file, Json.content(new Run(7, "cpu", values)));
    assertThat(file)
        .hasContent(
            """
            {
              "step" : 7,
              "device" : "cpu",
              "values" : {
                "alpha" : [ 0.1, "NaN" ],
                "beta" : [ 0.1, "NaN" ],
                "gamma" : [ 0.1, "NaN" ]
              }
            }
            """);
    assertThat(Json.read(file, Run.class)).isEqualTo(new Run(7, "cpu", values));
    assertThat(Json.read(file).path("step").asInt()).isEqualTo(7);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"step":1,"device":"cpu",                | :1:26: Unexpected end-of-input
          {"step":1,~"device" "cpu"}               | :2:10: Unexpected character
          {"step":1,~"step":2}                     | :2:7: Duplicate Object property "step"
          {"step":1,"device":"cpu","values":{}} 1  | :1:39: Trailing token
          {"step":1,"values":{}}                   | :1:22: Missing creator property 'device'.
          {"step":"one","device":"","values":{}}   | :1:9: Cannot coerce String value ("one") to `long` value.
          {"step":1.5,"device":"","values":{}}     | :1:9: Cannot coerce Floating-point value
          []                                       | :1:1: Cannot deserialize value
          null                                     | : holds nothing
          """)
  void pointsAtTheMistake(String json, String complaint) throws IOException {
    Path file = Files.writeString(folder.resolve("run.json"), json.replace('~', '\n'));
    assertThatThrownBy(() -> Json.read(file, Run.class))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":")
        .hasMessageContaining(complaint)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource({"''", "' '", "null", "tru"})
  void refusesTreesOfNothing(String json) throws IOException {
    Path file = Files.writeString(folder.resolve("run.json"), json);
    assertThatThrownBy(() -> Json.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageStartingWith(file + ":");
  }

  @Test
  void refusesFilesThatAreNoText() throws IOException {
    Path file = folder.resolve("run.json");
    assertThatThrownBy(() -> Json.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessage("%s: cannot be read: no such file or folder.", file);
    Files.write(file, new byte[] {'"', (byte) 0xc3, '"'});
    assertThatThrownBy(() -> Json.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessage("%s: its bytes are not UTF-8, so it is not JSON.", file);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 40);
    }
    assertThatThrownBy(() -> Json.read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("its 1099511627776 bytes are too many for a JSON file");
  }

  @Test
  void ignoresKeysOfOtherPrograms() {
    String json = "{\"step\":1,\"device\":\"\",\"values\":{},\"_x\":{\"y\":[]}}";
    assertThat(Json.parse(json, "text", Run.class).step()).isEqualTo(1);
    JsonNode tree = Json.parse(json, "text", JsonNode.class);
    assertThat(tree.path("_x").isObject()).isTrue();
  }

  @Test
  void numbersThatNoFloatHoldsAreRefused() {
    String json = "{\n\"a\": " + "9".repeat(320) + "}";
    assertThatThrownBy(() -> Json.parse(json, "text", JsonNode.class))
        .isInstanceOf(BadInputException.class)
        .hasMessage("text: Number value length (320) exceeds the maximum allowed (300).");
    String largest = "9".repeat(Json.LONGEST_NUMBER);
    assertThat(Json.parse(largest, "text", JsonNode.class).doubleValue()).isFinite();
  }
}
