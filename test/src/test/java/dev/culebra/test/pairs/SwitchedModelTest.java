package dev.culebra.test.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.nn.Model;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.runtime.io.SafetensorsWriter;
import dev.culebra.runtime.io.TensorSpec;
import dev.culebra.test.run.TextRecipes;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Models of texts, of pairs and of images that go on with an objective of another kind. */
final class SwitchedModelTest {

  /** A learning rate that leaves every weight as it was. */
  private static final String STILL = "optimizer.learningRate=1e-30";

  @TempDir static Path folder;

  private static Path texts;
  private static Path images;

  @TempDir Path runs;

  @BeforeAll
  static void train() throws IOException {
    TextRecipes.write(folder);
    texts = SmallPairs.texts(folder);
    images = SmallPairs.images(folder);
    for (String name :
        List.of("mlm", "clm", "electra", "contrastive", "clip", "siglip", "caption")) {
      begin(name, folder.resolve(name));
    }
    begin("contrastive", folder.resolve("two"), "model.towers=two");
    begin("clip", folder.resolve("vit-bert"), "model.family=vit-bert");
    begin("diffusion", folder.resolve("diffusion"));
  }

  private static Recipe recipe(String objective, String... more) {
    String[] few = {"schedule.steps=2", "schedule.warmup=1", "model.context=32"};
    String[] all = Stream.concat(Stream.of(few), Stream.of(more)).toArray(String[]::new);
    boolean onTexts = List.of(more).contains("model.family=bert");
    return switch (objective) {
      case "contrastive" -> SmallPairs.recipe(objective, texts, all);
      case "siglip" -> SmallPairs.recipe(objective, onTexts ? texts : images, all);
      case "clip", "caption", "coca", "diffusion" -> SmallPairs.recipe(objective, images, all);
      default -> TextRecipes.recipe(objective, folder, all);
    };
  }

  private static List<String> begin(String objective, Path run, String... more) throws IOException {
    List<String> notes = new ArrayList<>();
    try (Device device = CpuDevice.open(1)) {
      RunListener listener =
          new RunListener() {
            @Override
            public void note(String line) {
              notes.add(line);
            }
          };
      Run.Summary summary = Run.train(recipe(objective, more), run, false, device, listener);
      assertThat(summary.completed()).isTrue();
      assertThat(summary.validationLoss()).isFinite();
    }
    return notes;
  }

  private static String from(String start) {
    return "model.from=" + folder.resolve(start);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "mlm         | contrastive | no logit_scale: these begin anew | has cls.predictions",
        "contrastive | mlm         | no cls.predictions               | logit_scale too",
        "contrastive | electra     | no discriminator_predictions     | logit_scale too",
        "mlm         | electra     | no discriminator_predictions     | has cls.predictions",
        "electra     | mlm         | no cls.predictions.transform     | has"
            + " discriminator_predictions",
        "electra     | contrastive | no logit_scale                   | has"
            + " discriminator_predictions",
        "electra     | electra     | -                                | -",
        "vit-bert    | mlm         | no cls.predictions               | more tensors too",
        "vit-bert    | contrastive | -                                | more tensors too",
        "clip        | caption     | no caption_model                 | -",
        "clip        | coca        | no caption_model                 | -",
        "caption     | clip        | -                                | more tensors too",
        "clip        | siglip      | no logit_bias: these begin anew  | -",
        "siglip      | clip        | -                                | has logit_bias too",
        "siglip      | coca        | no caption_model                 | has logit_bias too",
      })
  void goesOnWithAnotherObjective(String before, String after, String anew, String left)
      throws IOException {
    Path run = runs.resolve("after");
    List<String> notes = begin(after, run, from(before));
    told(notes, "begin anew", anew);
    told(notes, "left out", left);
    try (Device device = CpuDevice.open(1)) {
      assertThat(Evaluation.evaluate(run, null, device).metrics()).isNotEmpty();
    }
  }

  private static void told(List<String> notes, String what, String expected) {
    List<String> said = notes.stream().filter(note -> note.contains(what)).toList();
    if (expected == null) {
      assertThat(said).as(what).isEmpty();
    } else {
      assertThat(said).as(what).singleElement().asString().contains(expected);
    }
  }

  @Test
  void goesOnFromTextToPairsOfTexts() throws IOException {
    List<String> notes =
        begin("siglip", runs.resolve("after"), from("contrastive"), "model.family=bert");
    told(notes, "begin anew", "no logit_bias");
  }

  @ParameterizedTest
  @CsvSource({"shared, ''", "two, query_0_Transformer/", "two, document_0_Transformer/"})
  void everyTowerBeginsAsTheEncoder(String towers, String place) throws IOException {
    Path run = runs.resolve("towers");
    begin("contrastive", run, from("mlm"), "model.towers=" + towers, STILL, "schedule.steps=1");
    for (String name :
        List.of("embeddings.word_embeddings", "encoder.layer.1.attention.self.query")) {
      assertThat(rows(run, place, name + ".weight"))
          .as(name)
          .isDeepEqualTo(rows(folder.resolve("mlm"), "bert." + name + ".weight"));
    }
  }

  @Test
  void anElectraGoesOnWithBothItsEncoders() throws IOException {
    Path run = runs.resolve("again");
    begin("electra", run, from("electra"), STILL, "schedule.steps=1");
    Path start = folder.resolve("electra");
    for (String file : List.of("", "generator/")) {
      try (Safetensors of =
          Safetensors.open(start.resolve("model/" + file + "model.safetensors"))) {
        for (String name : of.names()) {
          assertThat(values(run, file, name)).as(file + name).isEqualTo(values(start, file, name));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "contrastive, contrastive, embeddings.word_embeddings.weight",
    "clip, clip, text_model.embeddings.token_embedding.weight",
    "clip, vit-bert, text_model.embeddings.word_embeddings.weight",
    "electra, electra, electra.embeddings.word_embeddings.weight",
  })
  void rowsFollowTheirTokens(String objective, String start, String name) throws IOException {
    Path larger = runs.resolve("larger");
    begin("contrastive", larger, "tokenizer.vocabulary=340", "schedule.steps=1");
    Path file = larger.resolve("model/tokenizer.json");
    Path run = runs.resolve("moved");
    List<String> notes =
        begin(objective, run, from(start), "tokenizer.file=" + file, STILL, "schedule.steps=1");
    assertThat(notes)
        .anyMatch(note -> note.contains("keep their rows") || note.contains("new token ids"));
    float[][] old = rows(folder.resolve(start), name);
    float[][] moved = rows(run, name);
    try (Tokenizer before = Tokenizers.load(folder.resolve(start + "/model/tokenizer.json"));
        Tokenizer after = Tokenizers.load(run.resolve("model/tokenizer.json"))) {
      assertThat(moved.length).isEqualTo(after.vocabularySize()).isGreaterThan(old.length);
      for (int id = 0; id < moved.length; id++) {
        OptionalInt known = before.id(after.token(id));
        if (known.isPresent()) {
          assertThat(moved[id]).as("token %s", after.token(id)).isEqualTo(old[known.getAsInt()]);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clip        | mlm         | -        | a clip cannot learn mlm: it embeds images and"
            + " texts",
        "clip        | clm         | -        | start from a gpt2 or llama, or another objective",
        "two         | mlm         | -        | two encoders, which cannot become one",
        "diffusion   | clm         | -        | a dit cannot learn clm: it draws images",
        "diffusion   | contrastive | -        | a dit cannot learn contrastive",
        "mlm         | clip        | -        | a bert cannot learn clip: it needs an encoder for"
            + " each",
        "mlm         | diffusion   | -        | a bert cannot learn diffusion: it draws no images",
        "vit-bert    | caption     | -        | a vit-bert cannot learn caption: it needs texts"
            + " that",
        "clm         | electra     | -        | start from a bert or electra or vit-bert",
        "mlm         | electra     | bert     | it has no generator beside the encoder that finds",
        "mlm         | mlm         | electra  | an electra is two encoders",
        "clm         | clm         | gpt2     | which can go on as llama, not as gpt2",
        "clip        | clip        | vit-bert | which can go on as clip, not as vit-bert",
        "mlm         | mlm         | clip     | model.family clip cannot learn mlm",
      })
  void refusesWithTheReason(String start, String objective, String family, String reason) {
    String[] more =
        family.equals("-")
            ? new String[] {from(start)}
            : new String[] {from(start), "model.family=" + family};
    assertThatThrownBy(() -> begin(objective, runs.resolve("refused"), more))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void refusesImagesOfAnotherSize() {
    assertThatThrownBy(() -> begin("clip", runs.resolve("refused"), from("clip"), "image.side=16"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("reads images of 8 x 8 with 3 channels");
  }

  /** Each encoder is a model of its own, and sentence-transformers' Router finds both. */
  @Test
  void twoEncodersLieWhereRouterLooks() throws IOException {
    Path model = folder.resolve("two/model");
    JsonNode router = Json.read(model.resolve("router_config.json"));
    assertThat(Json.read(model.resolve("modules.json")).path(0).path("type").stringValue())
        .endsWith(".Router");
    Map<String, List<Float>> whole = weights(model);
    for (String route : List.of("query", "document")) {
      JsonNode parts = router.path("structure").path(route);
      Path encoder = model.resolve(parts.path(0).stringValue());
      String prefix = route.equals("query") ? "query_model." : "key_model.";
      Map<String, List<Float>> alone = weights(encoder);
      assertThat(alone).hasSizeGreaterThan(10);
      alone.forEach((name, values) -> assertThat(whole).containsEntry(prefix + name, values));
      assertThat(router.path("types").path(parts.path(0).stringValue()).stringValue())
          .endsWith(".Transformer");
      assertThat(
              Json.read(model.resolve(parts.path(1).stringValue()).resolve("config.json"))
                  .path("pooling_mode_mean_tokens")
                  .booleanValue())
          .isTrue();
      try (Tokenizer tokenizer = Tokenizers.load(encoder)) {
        assertThat(tokenizer.vocabularySize()).isPositive();
      }
    }
    assertThat(whole.get("query_model.embeddings.word_embeddings.weight"))
        .isNotEqualTo(whole.get("key_model.embeddings.word_embeddings.weight"));
  }

  /** Earlier versions wrote both encoders into one file. */
  @Test
  void twoEncodersInOneFileAreReadAsBefore() throws IOException {
    Path model = folder.resolve("two/model");
    Path before = Files.createDirectories(runs.resolve("before"));
    Files.copy(model.resolve("config.json"), before.resolve("config.json"));
    Files.copy(model.resolve("culebra.safetensors"), before.resolve("culebra.safetensors"));
    Map<String, List<Float>> whole = weights(model);
    SafetensorsWriter one = new SafetensorsWriter();
    try (Safetensors query = encoder(model, "query");
        Safetensors document = encoder(model, "document")) {
      add(one, "query_model.", query);
      add(one, "key_model.", document);
      one.write(before.resolve("model.safetensors"));
    }
    assertThat(weights(before)).isEqualTo(whole);
  }

  private static Safetensors encoder(Path model, String route) {
    return Safetensors.open(model.resolve(route + "_0_Transformer/model.safetensors"));
  }

  private static void add(SafetensorsWriter to, String prefix, Safetensors from) {
    for (Safetensors.Entry entry : from.entries()) {
      TensorSpec spec = entry.spec();
      if (!spec.name().startsWith("pooler.")) {
        to.add(new TensorSpec(prefix + spec.name(), spec.type(), spec.shape()), entry.data());
      }
    }
  }

  private static Map<String, List<Float>> weights(Path folder) {
    Map<String, List<Float>> weights = new TreeMap<>();
    try (Device device = CpuDevice.open(1);
        Model model = ModelFolder.load(folder, device)) {
      model
          .parameters()
          .forEachPart(
              (part, buffer) -> {
                float[] values = new float[Math.toIntExact(buffer.length())];
                device.download(MemorySegment.ofArray(values), buffer);
                List<Float> list = new ArrayList<>();
                for (float value : values) {
                  list.add(value);
                }
                weights.put(part.name(), list);
              });
    }
    return weights;
  }

  private static float[] values(Path run, String place, String name) {
    try (Safetensors file = Safetensors.open(run.resolve("model/" + place + "model.safetensors"));
        Arena arena = Arena.ofConfined()) {
      long count = Arrays.stream(file.entry(name).spec().shape()).reduce(1, Math::multiplyExact);
      MemorySegment values = arena.allocate(count * Float.BYTES, Float.BYTES);
      file.readFloats(name, values);
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static float[][] rows(Path run, String name) {
    return rows(run, "", name);
  }

  private static float[][] rows(Path run, String place, String name) {
    float[] flat = values(run, place, name);
    int width = 16;
    float[][] rows = new float[flat.length / width][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(flat, row * width, (row + 1) * width);
    }
    return rows;
  }
}
