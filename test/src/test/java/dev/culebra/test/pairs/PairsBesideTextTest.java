package dev.culebra.test.pairs;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.io.Json;
import dev.culebra.runtime.text.Format;
import dev.culebra.test.run.TextRecipes;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.inference.Filler;
import dev.culebra.train.inference.Search;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** One model that learns of running text and of pairs of texts. */
final class PairsBesideTextTest {

  private static final String COMPARED = "multi multi.parts=mlm:1,contrastive:0.5";
  private static final String WRITTEN = "multi multi.parts=span-corruption:1,seq2seq:1";

  @TempDir static Path data;
  @TempDir static Path runs;

  @BeforeAll
  static void train() throws IOException {
    TextRecipes.write(data);
    begin(COMPARED, runs.resolve("compared"), new ArrayList<>());
    begin(WRITTEN, runs.resolve("written"), new ArrayList<>());
  }

  private static void begin(String name, Path run, List<String> notes, String... settings)
      throws IOException {
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        };
    try (Device device = CpuDevice.open(1)) {
      Run.train(TextRecipes.recipe(name, data, settings), run, false, device, listener);
    }
  }

  @Test
  void eachTermIsWeighedAndLogged() throws IOException {
    String line = Files.readAllLines(runs.resolve("compared/metrics.jsonl")).getFirst();
    JsonNode metrics = Json.MAPPER.readTree(line);
    double masked = metrics.get("loss_mlm").asDouble();
    double compared = metrics.get("loss_contrastive").asDouble();
    assertThat(metrics.get("loss").asDouble()).isCloseTo(masked + 0.5 * compared, within(1e-5));
    assertThat(compared).isPositive().isLessThan(Math.log(3)); // sides that say nearly the same
  }

  /** Cached gradients are those of whole batches but for rounding, also beside other parts. */
  @Test
  void chunksOfPairsChangeNothing() throws IOException {
    Path run = runs.resolve("chunks");
    begin(COMPARED, run, new ArrayList<>(), "contrast.chunk=1");
    List<String> whole = Files.readAllLines(runs.resolve("compared/metrics.jsonl"));
    List<String> chunks = Files.readAllLines(run.resolve("metrics.jsonl"));
    assertThat(chunks).hasSameSizeAs(whole);
    for (int i = 0; i < whole.size(); i++) {
      double expected = Json.MAPPER.readTree(whole.get(i)).get("loss").asDouble();
      double loss = Json.MAPPER.readTree(chunks.get(i)).get("loss").asDouble();
      assertThat(loss).as("step %d", i + 1).isCloseTo(expected, within(1e-4));
    }
  }

  @Test
  void oneModelFillsMasksAndFindsTexts() throws IOException {
    try (Device device = CpuDevice.open(1)) {
      try (Filler filler = Filler.open(runs.resolve("compared"), device)) {
        assertThat(filler.fill("the [MASK] sea", 3)).hasSize(1);
      }
      try (Search search = Search.open(runs.resolve("compared"), device)) {
        assertThat(search.nearest("white whale", null, 3, _ -> {}))
            .hasSize(3)
            .allSatisfy(found -> assertThat(found.name()).endsWith(" again"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "compared, '', mlm_loss contrastive_recall_at_10",
    "compared, pairs.tsv, contrastive_recall_at_10",
    "compared, sentences.txt, mlm_loss",
    "written, '', span_corruption_loss seq2seq_loss",
    "written, pairs.tsv, seq2seq_loss",
    "written, sentences.txt, span_corruption_loss"
  })
  void evaluatesThePartsThatReadTheData(String run, String given, String expected)
      throws IOException {
    try (Device device = CpuDevice.open(1)) {
      Path path = given.isEmpty() ? null : data.resolve(given);
      EvaluationReport report = Evaluation.evaluate(runs.resolve(run), path, device);
      List<String> names = report.metrics().stream().map(Metric::name).toList();
      assertThat(names).contains(expected.split(" "));
      boolean both = given.isEmpty();
      assertThat(names.stream().map(name -> name.substring(0, 3)).distinct().count())
          .as("parts in %s", names)
          .isEqualTo(both ? 2 : 1);
      assertThat(report.metrics()).allSatisfy(m -> assertThat(m.value()).isFinite());
    }
  }

  /** Both judgements and searches say what they could not use. */
  @ParameterizedTest
  @CsvSource({"compared", "written"})
  void namesRowsThatAreLeftOut(String run) throws IOException {
    String rows =
        IntStream.range(0, 150).mapToObj(i -> Format.text("a%d\tb%d\n", i, i)).collect(joining());
    Path pairs = Files.writeString(data.resolve("broken.tsv"), rows + "no tab\n");
    try (Device device = CpuDevice.open(1)) {
      EvaluationReport report = Evaluation.evaluate(runs.resolve(run), pairs, device);
      assertThat(report.data()).contains("broken.tsv").contains("1 of 151");
      if (run.equals("compared")) {
        List<String> notes = new ArrayList<>();
        try (Search search = Search.open(runs.resolve(run), device)) {
          assertThat(search.nearest("a", pairs, 2, notes::add)).hasSize(2);
        }
        assertThat(notes).singleElement().asString().contains("1 of 151");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mlm, contrast.temperature=0.1, 'it is for contrastive, clip, siglip, coca'",
    "mlm, image.side=16, changes nothing in mlm",
    "clm, data.header=yes, changes nothing in clm",
    "mlm, data.sourceField=text, changes nothing in mlm",
    "clip, data.targetField=text, changes nothing in clip",
    "caption, data.groupField=x, changes nothing in caption",
    "electra, data.negativesField=x, changes nothing in electra",
    "clm, diffusion.steps=10, it is for diffusion",
    "nsp, caption.weight=2, it is for caption and coca",
    "mlm, multi.parts=mlm:1, it is for multi",
    "contrastive, mixture.by=batch, it is for mixture",
    "caption, contrast.temperature=0.1, changes nothing in caption",
    "contrastive, image.side=16, changes nothing in contrastive",
    "siglip model.family=bert, image.side=16, changes nothing in siglip",
    "'multi multi.parts=mlm:1,nsp:1', contrast.temperature=0.1, changes nothing in multi"
  })
  void refusesSettingsOfOtherObjectives(String recipe, String setting, String complaint) {
    assertThatThrownBy(() -> begin(recipe, runs.resolve("refused"), new ArrayList<>(), setting))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void aMixtureOfBothIsEvaluatedByWhatItHeldOut() throws IOException {
    Path run = runs.resolve("mixture");
    begin(
        "mixture mixture.parts=span-corruption:0.5,seq2seq:0.5",
        run,
        new ArrayList<>(),
        "schedule.steps=1");
    try (Device device = CpuDevice.open(1)) {
      assertThat(Evaluation.evaluate(run, null, device).metrics()).isNotEmpty();
      assertThatThrownBy(() -> Evaluation.evaluate(run, data.resolve("pairs.tsv"), device))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("leave out --data");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "compared, contrastive, cls.predictions",
    "compared, mlm, logit_scale",
    "compared, 'multi multi.parts=mlm:1,nsp:1,contrastive:1', cls.seq_relationship"
  })
  void goesOnWithOnePart(String start, String after, String told) throws IOException {
    List<String> notes = new ArrayList<>();
    String from = "model.from=" + runs.resolve(start);
    String path =
        "data.path=" + data.resolve(after.equals("contrastive") ? "pairs.tsv" : "sentences.txt");
    begin(after, runs.resolve("after " + after.replaceAll("\\W", "-")), notes, from, path);
    assertThat(notes).anyMatch(note -> note.contains(told));
  }

  @Test
  void goesOnFromEmbeddingsOfTexts() throws IOException {
    Path start = runs.resolve("contrastive");
    begin("contrastive", start, new ArrayList<>(), "data.path=" + data.resolve("pairs.tsv"));
    List<String> notes = new ArrayList<>();
    begin(COMPARED, runs.resolve("from-contrastive"), notes, "model.from=" + start);
    assertThat(notes).anyMatch(note -> note.contains("cls.predictions"));
    assertThat(notes).noneMatch(note -> note.contains("logit_scale"));
  }

  @ParameterizedTest
  @CsvSource({
    "mlm, data.pairs=x.tsv, changes nothing in mlm",
    "'multi multi.parts=mlm:1,nsp:1', data.pairs=x.tsv, changes nothing in multi",
    "'multi multi.parts=mlm:1,contrastive:1', model.towers=two, share one encoder",
    "'multi multi.parts=mlm:1,contrastive:1', batch.sequences=1, has nothing to tell it from"
  })
  void refuses(String recipe, String setting, String complaint) {
    assertThatThrownBy(() -> begin(recipe, runs.resolve("refused"), new ArrayList<>(), setting))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(complaint);
  }
}
