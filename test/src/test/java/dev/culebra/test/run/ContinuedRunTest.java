package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.data.token.Tokenizer;
import dev.culebra.data.token.Tokenizers;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.io.Safetensors;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import dev.culebra.train.setup.RecipeObjective;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Runs that start from a trained model: other objectives, vocabularies and data. */
final class ContinuedRunTest {

  /** A learning rate that leaves every weight as it was. */
  private static final String STILL = "optimizer.learningRate=1e-30";

  @TempDir static Path folder;

  @TempDir Path runs;

  @BeforeAll
  static void train() throws IOException {
    TextRecipes.write(folder);
    for (String objective : List.of("clm", "mlm", "span-corruption", "prefix-lm")) {
      begin(objective, folder.resolve(objective), new ArrayList<>());
    }
  }

  private static Run.Summary begin(String name, Path run, List<String> notes, String... more)
      throws IOException {
    Recipe recipe = TextRecipes.recipe(name, folder, more);
    try (Device device = CpuDevice.open(1)) {
      return Run.train(
          recipe,
          run,
          false,
          device,
          new RunListener() {
            @Override
            public void note(String line) {
              notes.add(line);
            }
          });
    }
  }

  private static String from(String objective) {
    return "model.from=" + folder.resolve(objective);
  }

  @ParameterizedTest
  @CsvSource({
    "clm, prefix-lm",
    "clm, fim",
    "prefix-lm, clm",
    "mlm, nsp",
    "mlm, sop",
    "mlm, multi",
    "span-corruption, denoising",
    "span-corruption, prefix-lm",
    "span-corruption, seq2seq",
    "span-corruption, mixture"
  })
  void switchesTheObjective(String before, String after) throws IOException {
    List<String> notes = new ArrayList<>();
    Run.Summary summary = begin(after, runs.resolve("after"), notes, from(before));
    assertThat(summary.completed()).isTrue();
    assertThat(summary.validationLoss()).isFinite();
    boolean asksPairs = before.equals("mlm");
    assertThat(notes.stream().anyMatch(note -> note.contains("cls.seq_relationship.weight")))
        .as("told of the new head: %s", notes)
        .isEqualTo(asksPairs);
  }

  /** As published discriminators are, whose generators lie elsewhere. */
  @Test
  void aDiscriminatorGoesOnWithAGeneratorOfItsOwn() throws IOException {
    Path start = runs.resolve("start");
    begin("electra", start, new ArrayList<>());
    try (Stream<Path> files = Files.walk(start.resolve("model/generator"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    List<String> notes = new ArrayList<>();
    Path run = runs.resolve("after");
    assertThat(begin("electra", run, notes, "model.from=" + start).completed()).isTrue();
    assertThat(notes).anyMatch(note -> note.contains("begin anew"));
    assertThat(run.resolve("model/generator/model.safetensors")).exists();
  }

  @Test
  void aRunOutlivesItsStart() throws IOException {
    Path start = runs.resolve("start");
    begin("mlm", start, new ArrayList<>());
    Path run = runs.resolve("outlives");
    Recipe recipe = TextRecipes.recipe("sop", folder, "model.from=" + start);
    try (Device device = CpuDevice.open(1)) {
      RunListener stop =
          new RunListener() {
            @Override
            public boolean stop() {
              return true;
            }
          };
      assertThat(Run.train(recipe, run, false, device, stop).steps()).isOne();
      Files.move(start, runs.resolve("elsewhere"));
      assertThat(Run.train(Recipe.empty(), run, true, device, new RunListener() {}).completed())
          .isTrue();
      assertThat(Evaluation.evaluate(run, null, device).metrics()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mlm | clm             | bert cannot learn clm: an encoder sees its whole input",
        "clm | mlm             | llama cannot learn mlm: a decoder sees only what precedes",
        "clm | span-corruption | llama cannot learn span-corruption: it needs an encoder"
      })
  void refusesWhatCannotBeSwitched(String before, String after, String reason) {
    assertThatThrownBy(() -> begin(after, runs.resolve("refused"), new ArrayList<>(), from(before)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void newTokensBeginAsTheMeanOfTheOldOnes() throws IOException {
    List<String> notes = new ArrayList<>();
    begin("fim", runs.resolve("grown"), notes, from("clm"), STILL, "schedule.steps=1");
    assertThat(notes).anyMatch(note -> note.contains("9 new token ids"));
    String name = "model.embed_tokens.weight";
    float[][] old = rows(folder.resolve("clm"), name);
    float[][] grown = rows(runs.resolve("grown"), name);
    assertThat(grown).hasDimensions(old.length + 9, 16);
    float[] mean = mean(old);
    for (int row = 0; row < grown.length; row++) {
      assertThat(grown[row]).as("row %d", row).isEqualTo(row < old.length ? old[row] : mean);
    }
  }

  @Test
  void rowsFollowTheirTokensToAnotherTokenizer() throws IOException {
    Path text = runs.resolve("other.txt");
    Files.writeString(text, "zebra and quartz, jumbled by fox. ".repeat(300));
    Path other = runs.resolve("other");
    begin("clm", other, new ArrayList<>(), "data.path=" + text);
    Path file = other.resolve("model/tokenizer.json");
    List<String> notes = new ArrayList<>();
    Path run = runs.resolve("moved");
    begin("clm", run, notes, from("clm"), "tokenizer.file=" + file, STILL, "schedule.steps=1");
    assertThat(notes).anyMatch(note -> note.matches(".*another tokenizer: \\d+ of \\d+ ids.*"));
    String name = "model.embed_tokens.weight";
    float[][] old = rows(folder.resolve("clm"), name);
    float[][] moved = rows(run, name);
    try (Tokenizer before = Tokenizers.load(folder.resolve("clm/model/tokenizer.json"));
        Tokenizer after = Tokenizers.load(file)) {
      assertThat(moved).hasDimensions(after.vocabularySize(), 16);
      int added = 0;
      for (int id = 0; id < moved.length; id++) {
        OptionalInt known = before.id(after.token(id));
        if (known.isPresent()) {
          assertThat(moved[id]).as("token %s", after.token(id)).isEqualTo(old[known.getAsInt()]);
        } else {
          added++;
          assertThat(moved[id]).as("token %s", after.token(id)).isEqualTo(mean(old));
        }
      }
      assertThat(added).isBetween(1, moved.length - 257);
    }
  }

  private static float[] mean(float[][] rows) {
    float[] mean = new float[rows[0].length];
    for (int i = 0; i < mean.length; i++) {
      int column = i;
      mean[i] = (float) Arrays.stream(rows).mapToDouble(row -> row[column]).average().orElse(0);
    }
    return mean;
  }

  private static float[][] rows(Path run, String name) {
    try (Safetensors file = Safetensors.open(run.resolve("model/model.safetensors"));
        Arena arena = Arena.ofConfined()) {
      long[] shape = file.entry(name).spec().shape();
      MemorySegment values = arena.allocate(shape[0] * shape[1] * Float.BYTES, Float.BYTES);
      file.readFloats(name, values);
      float[] flat = values.toArray(ValueLayout.JAVA_FLOAT);
      float[][] rows = new float[(int) shape[0]][];
      for (int row = 0; row < rows.length; row++) {
        rows[row] = Arrays.copyOfRange(flat, row * (int) shape[1], (row + 1) * (int) shape[1]);
      }
      return rows;
    }
  }

  @ParameterizedTest
  @CsvSource({"clm", "mlm", "nsp"})
  void replaysOldDataAndResumes(String objective) throws IOException {
    Path old = Files.copy(folder.resolve("sentences.txt"), runs.resolve("old.txt"));
    String replay = "data.replayPath=" + old;
    List<String> notes = new ArrayList<>();
    Path calm = runs.resolve("calm");
    begin(objective, calm, notes, replay, "data.replay=0.25");
    assertThat(notes)
        .anyMatch(note -> note.contains("75.0 % of the samples"))
        .anyMatch(note -> note.contains("25.0 % of the samples, replayed"));
    Path stopped = runs.resolve("stopped");
    try (Device device = CpuDevice.open(1)) {
      Recipe recipe = TextRecipes.recipe(objective, folder, replay, "data.replay=0.25");
      RunListener stop =
          new RunListener() {
            @Override
            public boolean stop() {
              return true;
            }
          };
      Run.train(recipe, stopped, false, device, stop);
      Run.train(Recipe.empty(), stopped, true, device, new RunListener() {});
    }
    assertThat(
            Files.mismatch(
                calm.resolve("model/model.safetensors"),
                stopped.resolve("model/model.safetensors")))
        .isEqualTo(-1);
    assertThat(Files.readString(calm.resolve("run.json"))).contains("\"data.replay\" : 0.25");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.7,0.3  |",
        "1,-1     | at least 0, finite and not all 0",
        "0,0      | at least 0, finite and not all 0",
        "1        | 1 weights for the 2 paths",
        "1,x      | 'x' is not a number"
      })
  void blendsByWeights(String weights, String complaint) throws IOException {
    Path second = Files.copy(folder.resolve("sentences.txt"), runs.resolve("second.txt"));
    String paths = "data.path=" + folder.resolve("sentences.txt") + "," + second;
    List<String> notes = new ArrayList<>();
    Path run = runs.resolve("blended");
    if (complaint == null) {
      begin("mlm", run, notes, paths, "data.weights=" + weights);
      assertThat(notes).anyMatch(note -> note.contains("70.0 % of the samples"));
    } else {
      assertThatThrownBy(() -> begin("mlm", run, notes, paths, "data.weights=" + weights))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(complaint);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mixture | mlm:0.5,clm:0.5            | need different stacks of blocks",
        "mixture | mlm:0.5,nsp:-1             | at least 0, finite and not all 0",
        "mixture | mlm:0,nsp:0                | at least 0, finite and not all 0",
        "mixture | mlm                        | not of the form objective:weight",
        "mixture | mlm:a                      | no number behind the colon",
        "mixture | mlm:1,mlm:1                | names an objective twice",
        "mixture | nsp:1,sop:1                | different questions to the same head",
        "mixture | electra:1                  | 'electra' cannot be a part",
        "mixture | mlm:1,contrastive:1        | cannot be drawn sample by sample",
        "mixture | mlm:1,seq2seq:1            | need different stacks of blocks",
        "multi   | contrastive:1              | train the recipe contrastive",
        "multi   | clm:1,contrastive:1        | contrastive bert; choose parts that share a family",
        "multi   | mlm:1,contrastive/hf:1     | contrastive has no profile 'hf'; choose infonce or",
        "multi   | mlm:1,sop:NaN              | at least 0, finite and not all 0",
        "multi   | ''                         | multi.parts is empty",
        "multi   | mlm/none:1,sop:1           | mlm has no profile 'none'; choose plain or bert",
        "multi   | mlm:1,nsp/bert:1           | nsp hides nothing in a sum",
        "mixture | mlm/a/b:1                  | not of the form objective:weight",
        "mixture | clip:1,caption:1           | 'clip' cannot be a part",
        "multi   | clip:1,nsp:1               | 'nsp' reads no images with captions",
        "multi   | clip:1,siglip:1            | choose one of them",
        "multi   | clip/hf:1,caption:1        | clip beside images has no profile 'hf'"
      })
  void refusesPartsThatDoNotGoTogether(String objective, String parts, String complaint) {
    assertThatThrownBy(
            () ->
                begin(
                    objective,
                    runs.resolve("parts"),
                    new ArrayList<>(),
                    objective + ".parts=" + parts))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void eachPartHasAProfileOfItsOwn() throws IOException {
    String parts = "mixture.parts=mlm/modernbert:0.5, nsp/bert:0.25";
    Recipe recipe = TextRecipes.recipe("mixture", folder, parts);
    assertThat(RecipeObjective.of(recipe))
        .extracting(RecipeObjective::profile)
        .containsExactly("modernbert", "bert");
    String profile = "corruption.profile=hf";
    assertThatThrownBy(() -> begin("multi", runs.resolve("parts"), new ArrayList<>(), profile))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("give each part its own, as in mlm/hf:0.5");
    begin("multi", runs.resolve("sum"), new ArrayList<>(), "multi.parts=mlm/hf:1,sop/plain:1");
  }

  @Test
  void aSumLogsEachTermAndWeighsIt() throws IOException {
    Path run = runs.resolve("sum");
    begin("multi", run, new ArrayList<>(), "multi.parts=mlm:1,sop:0.5", "schedule.steps=1");
    String line = Files.readAllLines(run.resolve("metrics.jsonl")).getFirst();
    JsonNode metrics = Json.MAPPER.readTree(line);
    double mlm = metrics.get("loss_mlm").asDouble();
    double sop = metrics.get("loss_sop").asDouble();
    assertThat(metrics.get("loss").asDouble()).isCloseTo(mlm + 0.5 * sop, within(1e-5));
    // An untrained head of two answers stands near even chances.
    assertThat(sop).isCloseTo(Math.log(2), within(0.1));
  }
}
