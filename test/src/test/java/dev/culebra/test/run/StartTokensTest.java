package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.token.TokenShards;
import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A run trains with the tokens that its start's folder names, and its folder names them again. */
final class StartTokensTest {

  private static final String NAME = "<begin of a text>";

  @TempDir static Path folder;

  @TempDir Path runs;

  @BeforeAll
  static void train() throws IOException {
    TextRecipes.write(folder);
    begin("clm", folder.resolve("clm"));
  }

  private static void begin(String name, Path run, String... more) throws IOException {
    Recipe recipe = TextRecipes.recipe(name, folder, more);
    try (Device device = CpuDevice.open(1)) {
      assertThat(Run.train(recipe, run, false, device, new RunListener() {}).completed()).isTrue();
    }
  }

  private interface Change {
    void in(ObjectNode root);
  }

  private static void change(Path file, Change change) throws IOException {
    ObjectNode root =
        Files.exists(file) ? (ObjectNode) Json.read(file) : Json.MAPPER.createObjectNode();
    change.in(root);
    Files.writeString(file, root.toString());
  }

  /** A start whose tokenizer begins texts with a token of its own, and whose files name many. */
  private int start(Path start) throws IOException {
    Files.createDirectories(start);
    for (String name : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Files.copy(folder.resolve("clm/model").resolve(name), start.resolve(name));
    }
    int id;
    try (Tokenizer tokenizer = Tokenizers.load(start)) {
      id = tokenizer.vocabularySize() - 1; // a token that no document here needs is renamed
      String old = tokenizer.token(id);
      change(
          start.resolve("tokenizer.json"),
          root -> {
            ObjectNode vocabulary = (ObjectNode) root.get("model").get("vocab");
            vocabulary.remove(old);
            JsonNode merges = root.get("model").get("merges");
            ((ArrayNode) merges).remove(merges.size() - 1);
            root.withArrayProperty("added_tokens")
                .addObject()
                .put("id", id)
                .put("content", NAME)
                .put("special", true);
            ObjectNode template =
                root.putObject("post_processor").put("type", "TemplateProcessing");
            template
                .putArray("single")
                .add(Json.MAPPER.readTree("{\"SpecialToken\":{\"id\":\"" + NAME + "\"}}"))
                .add(Json.MAPPER.readTree("{\"Sequence\":{\"id\":\"A\"}}"));
            template.putArray("pair");
            ObjectNode one = template.putObject("special_tokens").putObject(NAME).put("id", NAME);
            one.putArray("ids").add(id);
            one.putArray("tokens").add(NAME);
          });
    }
    change(
        start.resolve("config.json"),
        root -> root.put("bos_token_id", id).putArray("eos_token_id").add(0).add(7));
    change(
        start.resolve("generation_config.json"),
        root -> root.put("top_k", 20).putArray("eos_token_id").add(7).add(0));
    change(
        start.resolve("tokenizer_config.json"),
        root -> root.put("bos_token", NAME).put("chat_template", "{{ messages }}"));
    return id;
  }

  @Test
  void trainsWithThemAndNamesThemAgain() throws IOException {
    Path start = runs.resolve("start");
    int begin = start(start);
    Path run = runs.resolve("run");
    begin("clm", run, "model.from=" + start);
    try (TokenShards tokens = TokenShards.open(run.resolve("tokens"))) {
      int[] first = new int[1];
      for (long i = 0, at = 0; i < tokens.documents(); at = tokens.documentEnd(i++)) {
        tokens.copy(at, first, 0, 1);
        assertThat(first[0]).as("document %d", i).isEqualTo(begin);
      }
      assertThat(tokens.endOfText()).isZero();
    }
    JsonNode config = Json.read(run.resolve("model/config.json"));
    assertThat(config.path("bos_token_id").intValue()).isEqualTo(begin);
    assertThat(config.path("eos_token_id").toString()).isEqualTo("[0,7]");
    JsonNode generation = Json.read(run.resolve("model/generation_config.json"));
    assertThat(generation.path("eos_token_id").toString()).isEqualTo("[7,0]");
    assertThat(generation.path("bos_token_id").intValue()).isEqualTo(begin);
    assertThat(generation.path("top_k").intValue()).isEqualTo(20);
    JsonNode tokenizer = Json.read(run.resolve("model/tokenizer_config.json"));
    assertThat(tokenizer.path("bos_token").stringValue()).isEqualTo(NAME);
    assertThat(tokenizer.path("eos_token").stringValue()).isEqualTo("<|endoftext|>");
    assertThat(tokenizer.path("chat_template").stringValue()).isEqualTo("{{ messages }}");
  }

  /** What a run's own training puts around a text stands in the tokenizer that it writes. */
  @Test
  void aRunWritesWhatStandsAroundItsTexts() throws IOException {
    for (String name : new String[] {"mlm", "span-corruption", "denoising"}) {
      Path run = runs.resolve(name);
      begin(name, run);
      JsonNode config = Json.read(run.resolve("model/config.json"));
      int end = config.path("eos_token_id").intValue();
      int begin = config.path("bos_token_id").intValue();
      int pad = config.path("pad_token_id").intValue();
      try (Tokenizer tokenizer = Tokenizers.load(run.resolve("model"))) {
        int[] framed = tokenizer.traits().template().frame(new int[] {5});
        assertThat(framed)
            .as(name)
            .isEqualTo(
                name.equals("span-corruption") ? new int[] {5, end} : new int[] {begin, 5, end});
      }
      if (!name.equals("mlm")) {
        JsonNode generation = Json.read(run.resolve("model/generation_config.json"));
        boolean noised = name.equals("denoising");
        assertThat(generation.path("decoder_start_token_id").intValue())
            .isEqualTo(noised ? end : pad);
        assertThat(generation.path("forced_bos_token_id").intValue(-1))
            .isEqualTo(noised ? begin : -1);
      }
    }
  }
}
