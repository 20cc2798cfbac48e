package dev.culebra.test.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.evaluation.Metric.Baseline;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Figures say what a model can do, and where they say nothing, that is said. */
final class FiguresTest {

  private static final RunListener QUIET = new RunListener() {};

  @TempDir Path folder;

  /** Words that nobody can guess, each with an end that everybody can. */
  @ParameterizedTest
  @ValueSource(strings = {"t5", "bart", "llama"})
  void accuracyDoesNotCountEndTokens(String family) throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 800; i++) {
      lines.append(Format.text("what is %d\t%s%n", i, (char) ('a' + random.nextInt(20))));
    }
    Path data = Files.writeString(folder.resolve("pairs.tsv"), lines);
    Recipe recipe =
        SmallRun.with(
            Recipe.named("seq2seq"),
            "data.path=" + data,
            "model.family=" + family,
            "tokenizer.vocabulary=300",
            "model.width=16",
            "model.layers=1",
            "model.heads=2",
            "model.context=24",
            "batch.sequences=8",
            "schedule.steps=80",
            "schedule.warmup=5",
            "optimizer.learningRate=0.02");
    try (Device device = CpuDevice.open(2)) {
      Path run = folder.resolve(family);
      Run.train(recipe, run, false, device, QUIET);
      EvaluationReport report = Evaluation.evaluate(run, null, device);
      Metric accuracy = report.metric("accuracy");
      assertThat(accuracy.value()).isLessThan(0.3);
      assertThat(accuracy.baselines().getFirst().value()).isLessThan(0.3);
      double uncertain = Math.log(20) / 2;
      assertThat(report.metric("loss").value()).isLessThan(uncertain + 0.6); // the end is learned
    }
  }

  /**
   * Bits are parted among the bytes of the text as it lies on the disk, whatever letters it has.
   */
  @Test
  void bitsPerByteAreOfTheFilesBytes() throws IOException {
    Path run = folder.resolve("run");
    Path file = Files.writeString(folder.resolve("a.txt"), "a ñandú — 鯨 \uD83D\uDC0B!\n".repeat(9));
    try (Device device = CpuDevice.open(1)) {
      Recipe small = SmallRun.shallow("clm", SmallRun.text(folder), "schedule.steps=2");
      Run.train(small, run, false, device, QUIET);
      EvaluationReport report = Evaluation.evaluate(run, file, device);
      double bits = report.metric("loss").value() * report.labels() / Math.log(2);
      long bytes = Files.size(file) - 1; // the first letter is read, and asked of nobody
      assertThat(bits / report.metric("bits_per_byte").value()).isCloseTo(bytes, within(1e-3));
    }
  }

  /** Tokens of letters do not say how many bytes the text had. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type': 'WordPiece', 'unk_token': '?', 'continuing_subword_prefix': '##',"
            + " 'max_input_chars_per_word': 9, 'vocab': {'?': 0, '<|endoftext|>': 1, 'the': 2,"
            + " 'w': 3, '##h': 4, 'ñ': 5}}",
        "{'type': 'Unigram', 'unk_id': 0, 'vocab': [['?', 0], ['<|endoftext|>', 0], ['the', -1],"
            + " ['ñ', -2], ['w', -3]]}"
      })
  void otherTokenizersHaveNoBitsPerByte(String model) throws IOException {
    String json =
        """
        {'version': '1.0', 'truncation': null, 'padding': null, 'normalizer': null,
         'pre_tokenizer': {'type': 'Whitespace'}, 'post_processor': null, 'decoder': null,
         'added_tokens': [{'id': 1, 'content': '<|endoftext|>', 'single_word': false,
           'lstrip': false, 'rstrip': false, 'normalized': false, 'special': true}],
         'model': %s}
        """;
    Path tokenizer =
        Files.writeString(
            folder.resolve("tokenizer.json"), json.formatted(model).replace('\'', '"'));
    try (Device device = CpuDevice.open(1)) {
      Recipe small =
          SmallRun.shallow(
              "clm", SmallRun.text(folder), "schedule.steps=2", "tokenizer.file=" + tokenizer);
      Run.train(small, folder.resolve("run"), false, device, QUIET);
      EvaluationReport report = Evaluation.evaluate(folder.resolve("run"), null, device);
      assertThat(report.metrics())
          .extracting(Metric::name)
          .contains("loss", "perplexity")
          .doesNotContain("bits_per_byte");
    }
  }

  /** What the run says at its end is what evaluate finds. */
  @ParameterizedTest
  @ValueSource(strings = {"clm", "mlm", "denoising"})
  void aLossWorseThanKnowingNothingIsSaid(String objective) throws IOException {
    Recipe small = SmallRun.shallow(objective, SmallRun.text(folder), "schedule.steps=12");
    try (Device device = CpuDevice.open(2)) {
      Path wild = folder.resolve("wild");
      Recipe bad = SmallRun.with(small, "optimizer.name=adamw", "optimizer.learningRate=3");
      Run.Summary lost = Run.train(bad, wild, false, device, QUIET);
      assertThat(lost.validationLoss()).isGreaterThan(lost.ignorance());
      EvaluationReport report = Evaluation.evaluate(wild, null, device);
      assertThat(report.notes()).anyMatch(note -> note.startsWith("loss is worse than knowing"));
      double trivial = report.metric("loss").baselines().getLast().value();
      assertThat(lost.ignorance()).isCloseTo(trivial, within(0.1));
      Path tame = folder.resolve("tame");
      Run.Summary learned =
          Run.train(SmallRun.with(small, "schedule.steps=60"), tame, false, device, QUIET);
      assertThat(learned.validationLoss()).isLessThan(learned.ignorance() + 0.5);
    }
  }

  /** Among ten answers or fewer every one is among the ten nearest. */
  @Test
  void recallThatIsGivenSaysSo() throws IOException {
    Path few = Files.writeString(folder.resolve("few.tsv"), "a\tone\nb\ttwo\nc\tthree\nd\tfour\n");
    Path run = folder.resolve("run");
    try (Device device = CpuDevice.open(2)) {
      Recipe recipe = SmallPairs.recipe("contrastive", SmallPairs.texts(folder));
      double even = Run.train(recipe, run, false, device, QUIET).ignorance();
      assertThat(even).isBetween(Math.log(2), Math.log(6)); // up to six keys in a batch
      EvaluationReport report = Evaluation.evaluate(run, few, device);
      assertThat(report.metrics().getFirst().name()).isEqualTo("recall_at_1");
      assertThat(report.notes())
          .contains(
              "recall at 10 tells nothing here: there are 10 answers or fewer to choose from, so"
                  + " chance reaches 100 % too");
      assertThat(report.toMap()).containsKey("notes").containsKey("chance_recall_at_10");
    }
  }

  @Test
  void figuresThatSaySomethingStayInTheirOrder() {
    Metric ten = Metric.share("recall_at_10", 0.9, new Baseline("chance", 0.2));
    Metric one = Metric.share("recall_at_1", 0.3, new Baseline("chance", 0.02));
    Metric loss = Metric.loss("loss", 2.0, new Baseline("bigram", 1.5), new Baseline("unigram", 3));
    EvaluationReport report = new EvaluationReport("x", 1, "pairs", List.of(ten, one, loss));
    assertThat(report.metrics()).containsExactly(ten, one, loss);
    assertThat(report.notes()).isEmpty();
    assertThat(report.toMap()).doesNotContainKey("notes");
  }
}
