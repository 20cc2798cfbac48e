package dev.culebra.test.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.inference.Search;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of small dual encoders: what is repeatable, what survives, what is refused. */
final class PairRunTest {

  private static final RunListener QUIET = new RunListener() {};

  @TempDir Path temporary;

  private Path data(String objective, String family) throws IOException {
    boolean texts = objective.equals("contrastive") || family.equals("bert");
    return texts ? SmallPairs.texts(temporary) : SmallPairs.images(temporary);
  }

  @ParameterizedTest
  @CsvSource({
    "contrastive, bert, shared, 0",
    "contrastive, bert, two, 4",
    "clip, clip, shared, 4",
    "clip, vit-bert, shared, 4",
    "siglip, clip, shared, 0",
    "siglip, vit-bert, shared, 0",
    "siglip, bert, shared, 0"
  })
  void interruptedRunEndsBitEqual(String objective, String family, String towers, int chunk)
      throws IOException {
    Recipe recipe =
        SmallPairs.recipe(
            objective,
            data(objective, family),
            "model.family=" + family,
            "model.towers=" + towers,
            "contrast.chunk=" + chunk);
    try (Device device = CpuDevice.open(2)) {
      Path calm = temporary.resolve("calm");
      Path broken = temporary.resolve("interrupted");
      Run.train(recipe, calm, false, device, QUIET);
      Run.Summary first = Run.train(recipe, broken, false, device, new StopAt(7));
      assertThat(first.completed()).isFalse();
      Run.Summary second = Run.train(Recipe.empty(), broken, true, device, QUIET);
      assertThat(second.completed()).isTrue();
      assertThat(weights(broken)).containsExactlyElementsOf(weights(calm));
      EvaluationReport report = Evaluation.evaluate(calm, null, device);
      double loss = report.metric("loss").value();
      assertThat(loss).isFinite().isCloseTo(second.validationLoss(), within(1e-9));
      assertThat(report.metric("recall_at_10").baselines()).hasSize(1);
    }
  }

  /** Three terms that share towers: each is logged, judged and resumed. */
  @Test
  void captionsBesideContrastAndMaskedTokens() throws IOException {
    Recipe recipe =
        SmallPairs.recipe(
            "caption",
            SmallPairs.images(temporary),
            "tokenizer.vocabulary=320",
            "caption.contrastive=1",
            "caption.weight=2",
            "caption.masked=0.5");
    try (Device device = CpuDevice.open(2)) {
      Path calm = temporary.resolve("calm");
      Path broken = temporary.resolve("interrupted");
      Run.train(recipe, calm, false, device, QUIET);
      Run.train(recipe, broken, false, device, new StopAt(7));
      Run.train(Recipe.empty(), broken, true, device, QUIET);
      assertThat(weights(broken)).containsExactlyElementsOf(weights(calm));
      assertThat(Files.readAllLines(calm.resolve("metrics.jsonl")).getLast())
          .contains("loss_contrastive", "loss_caption", "loss_masked", "\"pairs_per_second\"");
      EvaluationReport report = Evaluation.evaluate(calm, null, device);
      double sum =
          report.metric("contrastive_loss").value()
              + 2 * report.metric("caption_loss").value()
              + 0.5 * report.metric("masked_loss").value();
      assertThat(report.metric("loss").value()).isCloseTo(sum, within(1e-6 * sum));
      assertThat(report.metric("caption_loss").baselines()).hasSize(1);
    }
  }

  private static final class StopAt implements RunListener {
    private final long step;
    private long last;

    StopAt(long step) {
      this.step = step;
    }

    @Override
    public void step(Step done) {
      last = done.step();
    }

    @Override
    public boolean stop() {
      return last == step;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"infonce", "clip", "mnrl", "siglip"})
  void chunksChangeNothingButRounding(String profile) throws IOException {
    List<Double> whole = losses(profile, 0);
    List<Double> chunked = losses(profile, 2);
    assertThat(chunked).hasSameSizeAs(whole);
    for (int i = 0; i < whole.size(); i++) {
      assertThat(chunked.get(i))
          .as("step %d", i + 1)
          .isCloseTo(whole.get(i), within(1e-4 * whole.get(i)));
    }
    assertThat(whole.getLast()).isLessThan(whole.getFirst());
  }

  private List<Double> losses(String profile, int chunk) throws IOException {
    Recipe recipe =
        SmallPairs.recipe(
            "contrastive",
            SmallPairs.texts(temporary),
            "contrast.profile=" + profile,
            "contrast.chunk=" + chunk,
            "batch.sequences=5");
    List<Double> losses = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void step(Step step) {
            losses.add(step.loss());
          }
        };
    try (Device device = CpuDevice.open(1)) {
      Run.train(recipe, temporary.resolve(profile + chunk), false, device, listener);
    }
    return losses;
  }

  @Test
  void searchesTextsAndImages() throws IOException {
    Path images = SmallPairs.images(temporary);
    Path run = temporary.resolve("clip");
    try (Device device = CpuDevice.open(2)) {
      Recipe recipe = SmallPairs.recipe("clip", images, "schedule.steps=40");
      Run.train(recipe, run, false, device, QUIET);
      try (Search search = Search.open(run, device)) {
        Path red = images.resolve("red8.png");
        List<Search.Found> same = search.nearest(red.toString(), images, 40, _ -> {});
        assertThat(same).hasSize(32);
        assertThat(same.getFirst().name()).isEqualTo(red.toString());
        assertThat(same.getFirst().score()).isCloseTo(1, within(1e-5));
        assertThat(same).isSortedAccordingTo((a, b) -> Double.compare(b.score(), a.score()));
        Path lines = Files.writeString(temporary.resolve("lines.txt"), "a red bar\n\na sea\n");
        assertThat(search.nearest("a sea", lines, 5, _ -> {}).getFirst().name()).isEqualTo("a sea");
        assertThatThrownBy(() -> search.nearest("", lines, 5, _ -> {}))
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("empty text");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"clip, auto, 32", "clip, yes, 31", "caption, yes, 31", "diffusion, yes, 31"})
  void captionsHaveAHeaderWhereTheRecipeSaysSo(String objective, String header, int images)
      throws IOException {
    List<String> notes = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        };
    Recipe recipe =
        SmallPairs.recipe(
            objective,
            SmallPairs.images(temporary),
            "schedule.steps=2",
            "data.header=" + header,
            "image.side=8");
    try (Device device = CpuDevice.open(1)) {
      Run.train(recipe, temporary.resolve("run"), false, device, listener);
    }
    assertThat(notes).anyMatch(note -> note.matches(".* " + images + " (pairs|images), .*"));
  }

  @ParameterizedTest
  @CsvSource({"contrastive, 1", "seq2seq, 0"})
  void saysOnceThatABatchTeachesNothingAndNeverInEvaluation(String objective, int times)
      throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 64; i++) {
      rows.append(Format.text("query %d\tkey %d\tgroup %d\n", i, i, i / 32));
    }
    Path data = Files.writeString(temporary.resolve("groups.tsv"), rows);
    String[] settings = {"batch.sequences=2", "data.heldOut=0.5", "run.evaluateEvery=2"};
    List<String> notes = new ArrayList<>();
    Path run = temporary.resolve("run");
    try (Device device = CpuDevice.open(1)) {
      Notes.to(
          notes::add,
          () -> Run.train(SmallPairs.recipe(objective, data, settings), run, false, device, QUIET));
      assertThat(notes).filteredOn(note -> note.contains("it teaches nothing")).hasSize(times);
      notes.clear();
      Notes.to(notes::add, () -> Evaluation.evaluate(run, data, device));
      assertThat(notes).noneMatch(note -> note.contains("teaches"));
    }
  }

  @Test
  void saysWhichImagesHaveNoCaption() throws IOException {
    Path images = SmallPairs.images(temporary);
    Files.copy(images.resolve("red1.png"), images.resolve("unnamed.png"));
    Path idx = temporary.resolve("some-images-idx3-ubyte");
    Files.write(idx, new byte[] {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9});
    List<String> notes = new ArrayList<>();
    RunListener listener =
        new RunListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }
        };
    Recipe recipe = SmallPairs.recipe("clip", images, "schedule.steps=2");
    Recipe both = recipe.with("data.path", images + "," + idx, "test");
    try (Device device = CpuDevice.open(1)) {
      Run.train(both, temporary.resolve("both"), false, device, listener);
    }
    assertThat(notes)
        .filteredOn(note -> note.contains("want of a caption"))
        .singleElement()
        .asString()
        .endsWith(
            Format.text(
                "3 of 35 images left out for want of a caption: %s; %s",
                idx, images.resolve("unnamed.png")));
    assertThat(notes).anyMatch(note -> note.contains("32 pairs"));
    refused(recipe.with("data.path", idx.toString(), "test"), "write a captions.tsv");
  }

  @ParameterizedTest
  @CsvSource({"contrastive, bert", "clip, vit-bert"})
  void goesOnFromAModelOfItsDesign(String objective, String family) throws IOException {
    Path pairs = data(objective, family);
    Recipe recipe = SmallPairs.recipe(objective, pairs, "model.family=" + family);
    Path first = temporary.resolve("first");
    Path second = temporary.resolve("second");
    try (Device device = CpuDevice.open(1)) {
      Run.train(recipe, first, false, device, QUIET);
      Recipe more = SmallPairs.recipe(objective, pairs, "model.from=" + first, "schedule.steps=2");
      Run.train(more, second, false, device, QUIET);
      assertThat(loss(second, device)).isFinite();
      EvaluationReport alone = Evaluation.evaluate(second.resolve("model"), pairs, device);
      assertThat(alone.metric("recall_at_10").value()).isPositive();
    }
    if (objective.equals("clip")) {
      Recipe other = recipe.with("model.family", "clip", "test");
      refused(other.with("model.from", first.toString(), "test"), "a model of the design vit-bert");
      refused(
          SmallPairs.recipe("caption", pairs, "model.from=" + first),
          "a vit-bert cannot learn caption: it needs texts");
    }
  }

  /** A guide that finds all pairs too similar leaves each query its positive alone. */
  @Test
  void aGuideMasksWhatItFindsTooSimilar() throws IOException {
    Path texts = SmallPairs.texts(temporary);
    try (Device device = CpuDevice.open(1)) {
      Path guide = temporary.resolve("guide");
      Run.train(SmallPairs.recipe("contrastive", texts), guide, false, device, QUIET);
      String tokenizer = "tokenizer.file=" + guide.resolve("model/tokenizer.json");
      Path strict = temporary.resolve("strict");
      Path lax = temporary.resolve("lax");
      String asked = "contrast.guide=" + guide;
      Recipe recipe = SmallPairs.recipe("contrastive", texts, tokenizer, asked);
      List<String> notes = new ArrayList<>();
      RunListener listener =
          new RunListener() {
            @Override
            public void note(String line) {
              notes.add(line);
            }
          };
      Run.train(recipe.with("contrast.guideMargin", "-2", "test"), lax, false, device, listener);
      assertThat(notes).noneMatch(note -> note.contains("leaves nothing to learn"));
      Run.train(recipe.with("contrast.guideMargin", "2", "test"), strict, false, device, listener);
      assertThat(notes).filteredOn(note -> note.contains("leaves nothing to learn")).hasSize(1);
      assertThat(loss(strict, device)).isCloseTo(0, within(1e-6));
      assertThat(loss(lax, device)).isPositive();
      refused(
          SmallPairs.recipe("contrastive", texts, asked, "tokenizer.vocabulary=310"),
          "reads other tokens");
    }
  }

  /** A sum over images with captions is coca's, by its own names. */
  @Test
  void sumsObjectivesOfImages() throws IOException {
    Path images = SmallPairs.images(temporary);
    String[] weights = {"caption.contrastive=0.5", "caption.weight=2", "caption.masked=1"};
    Recipe coca = SmallPairs.recipe("coca", images, weights);
    Recipe sum =
        SmallPairs.recipe(
            "multi",
            images,
            "multi.parts=clip/infonce:0.5,caption:2,mlm:1",
            "optimizer.name=adamw",
            "optimizer.learningRate=0.002");
    try (Device device = CpuDevice.open(1)) {
      Path first = temporary.resolve("coca");
      Path second = temporary.resolve("sum");
      Run.train(coca.with("contrast.profile", "infonce", "test"), first, false, device, QUIET);
      Run.Summary part = Run.train(sum, second, false, device, new StopAt(5));
      assertThat(part.completed()).isFalse();
      Run.train(Recipe.empty(), second, true, device, QUIET);
      assertThat(weights(second)).containsExactlyElementsOf(weights(first));
      assertThat(loss(second, device)).isEqualTo(loss(first, device));
      Search.open(second, device).close();
    }
  }

  /** A caption needs no other pair; but what was never compared cannot be searched. */
  @Test
  void captionsNeedNoNegatives() throws IOException {
    Path images = SmallPairs.images(temporary);
    Path run = temporary.resolve("captions");
    String one = "batch.sequences=1";
    try (Device device = CpuDevice.open(1)) {
      Run.train(SmallPairs.recipe("caption", images, one), run, false, device, QUIET);
      assertThat(loss(run, device)).isFinite().isPositive();
      assertThatThrownBy(() -> Search.open(run, device).close())
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("its embeddings were never compared");
    }
    refused(SmallPairs.recipe("coca", images, one), "nothing to tell it from");
    refused(
        SmallPairs.recipe("caption", images, one, "caption.contrastive=1"),
        "nothing to tell it from");
  }

  private static double loss(Path run, Device device) throws IOException {
    return Evaluation.evaluate(run, null, device).metric("loss").value();
  }

  @Test
  void takesHardNegatives() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 24; i++) {
      lines.append(
          Format.text(
              "{\"source\":\"q %d\",\"target\":\"answer %d\",\"negatives\":[\"wrong %d\"]}\n",
              i, i, i));
    }
    Path data = Files.writeString(temporary.resolve("triples.jsonl"), lines);
    Recipe recipe = SmallPairs.recipe("contrastive", data, "contrast.hardNegatives=1");
    try (Device device = CpuDevice.open(1)) {
      Path run = temporary.resolve("hard");
      Run.train(recipe, run, false, device, QUIET);
      double with = Evaluation.evaluate(run, null, device).metric("loss").value();
      assertThat(with).isFinite().isPositive();
    }
  }

  @Test
  void refusesWhatCannotBe() throws IOException {
    Path texts = SmallPairs.texts(temporary);
    refused(SmallPairs.recipe("contrastive", texts, "batch.sequences=1"), "at least 2");
    refused(SmallPairs.recipe("contrastive", texts, "batch.sequences=1000"), "cannot be filled");
    refused(SmallPairs.recipe("contrastive", texts, "model.family=gpt2"), "choose bert");
    refused(SmallPairs.recipe("clip", texts), "no images");
    Path images = SmallPairs.images(temporary);
    refused(SmallPairs.recipe("clip", images, "image.patch=3"), "divides image.side");
    String[] larger = {"image.side=16", "image.resize=false"};
    for (String objective : List.of("clip", "siglip", "caption", "coca")) {
      refused(SmallPairs.recipe(objective, images, larger), "is 8 x 8 pixels, not 16 x 16");
    }
    refused(SmallPairs.recipe("clip", images, "model.context=2"), "no room");
    refused(SmallPairs.recipe("coca", images, "contrast.chunk=2"), "whole batches");
    refused(SmallPairs.recipe("coca", images, "model.family=vit-bert"), "left to right");
    refused(SmallPairs.recipe("caption", images, "caption.weight=0"), "every weight");
    Path one = Files.writeString(temporary.resolve("one.tsv"), "a\tb\n");
    refused(SmallPairs.recipe("contrastive", one), "leaves");
  }

  private void refused(Recipe recipe, String message) {
    try (Device device = CpuDevice.open(1)) {
      assertThatThrownBy(
              () -> Run.train(recipe, temporary.resolve("refused"), false, device, QUIET))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(message);
    }
  }

  private static List<byte[]> weights(Path run) throws IOException {
    Path model = run.resolve("model");
    List<byte[]> weights = new ArrayList<>();
    for (String place : List.of("", "query_0_Transformer", "document_0_Transformer")) {
      Path file = model.resolve(place).resolve("model.safetensors");
      if (Files.exists(file)) {
        weights.add(Files.readAllBytes(file));
      }
    }
    assertThat(weights).isNotEmpty();
    return weights;
  }
}
