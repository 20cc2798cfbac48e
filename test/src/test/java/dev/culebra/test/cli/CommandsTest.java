package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands in the order in which a person uses them, on a small model. */
final class CommandsTest {

  private static final String[] SMALL = {
    "--steps", "6",
    "--set", "tokenizer.vocabulary=300",
    "--set", "model.width=32",
    "--set", "model.layers=1",
    "--set", "model.heads=2",
    "--set", "model.context=32",
    "--set", "batch.sequences=4",
    "--set", "run.evaluateEvery=2"
  };

  @TempDir static Path folder;
  private static Path text;
  private static Path run;
  private static Outcome trained;

  @BeforeAll
  static void train() throws IOException {
    text = folder.resolve("text.txt");
    Files.writeString(
        text,
        IntStream.range(0, 2000)
            .mapToObj(i -> "The " + i + "th whale swims by, and the sea is calm.\n")
            .collect(Collectors.joining()));
    run = folder.resolve("run");
    trained = Outcome.of(args("train", "--data", text.toString(), "--out", run.toString()));
  }

  private static String[] args(String... first) {
    String[] all = new String[first.length + SMALL.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(SMALL, 0, all, first.length, SMALL.length);
    return all;
  }

  @Test
  void trainShowsItsProgressInPlainLinesAndASummary() {
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.err())
        .containsPattern("device +cpu, chosen because .+: .+")
        .containsPattern("(?m)^step 1/6  loss \\d\\.\\d{3}  [\\d,]+ tokens/s  left \\d+:\\d\\d$")
        .contains("step 2: validation loss ", "step 6: checkpoint saved")
        .doesNotContain("\r");
    assertThat(trained.out())
        .containsPattern("(?m)^steps +6$")
        .containsPattern("(?m)^speed +[\\d,]+ tokens/s$")
        .containsPattern("(?m)^training loss +\\d\\.\\d{4} nat$")
        .containsPattern("(?m)^validation loss +\\d\\.\\d{4} nat$")
        .contains(run.resolve("model").toString())
        .contains("generate " + run + " --prompt");
  }

  @Test
  void aShortRunGetsAShorterWarmUp() {
    assertThat(trained.err()).contains("schedule.warmup is 0, not 50");
  }

  @Test
  void aFolderWithARunIsNotOverwritten() {
    Outcome again = Outcome.of(args("train", "--data", text.toString(), "--out", run.toString()));
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.complaint()).contains(run + " holds a run already", "--resume", "--out");
  }

  @Test
  void aRunIsNotResumedWithAnotherModel() {
    Outcome other =
        Outcome.of("train", "--resume", "--out", run.toString(), "--set", "model.width=64");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.complaint()).contains("model.width is 32 there, 64 here");
  }

  @Test
  void thereMustBeARunToResume() {
    Outcome nothing =
        Outcome.of("train", "--resume", "--out", folder.resolve("nothing").toString());
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.complaint()).contains("holds no run");
  }

  @Test
  void evaluateSetsTheModelBesideBaselines() {
    Outcome table = Outcome.of("evaluate", run.toString());
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.out())
        .containsPattern(
            "(?m)^loss +\\d\\.\\d{4} nat +\\d\\.\\d{4} nat +bigram +-?\\d\\.\\d{4} nat$")
        .containsPattern("(?m)^ +\\d\\.\\d{4} nat +unigram +-?\\d\\.\\d{4} nat$");

    Outcome json = Outcome.of("evaluate", run.toString(), "--json", "--device", "cpu");
    JsonNode report = JsonMapper.shared().readTree(json.out());
    assertThat(report.propertyNames())
        .contains("data", "tokens", "loss", "perplexity", "accuracy", "bits_per_byte")
        .contains("unigram_loss", "bigram_loss", "most_frequent_token_accuracy");
    assertThat(report.get("tokens").asLong()).isPositive();
    assertThat(report.get("perplexity").asDouble())
        .isEqualTo(Math.exp(report.get("loss").asDouble()));
    assertThat(json.err()).isEmpty();
  }

  @Test
  void aModelAloneHasNoBaselines() {
    String model = run.resolve("model").toString();
    Outcome without = Outcome.of("evaluate", model);
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.complaint()).contains("--data");

    Outcome json = Outcome.of("evaluate", model, "--data", text.toString(), "--json");
    assertThat(json.code()).as(json.err()).isZero();
    JsonNode report = JsonMapper.shared().readTree(json.out());
    assertThat(report.get("loss").isNumber()).isTrue();
    assertThat(report.has("unigram_loss")).isFalse();
    assertThat(Outcome.of("evaluate", model, "--data", text.toString()).out())
        .contains("model ")
        .doesNotContain("unigram", "NaN");
  }

  @Test
  void generateRepeatsWithASeed() {
    String[] line = {"generate", run.toString(), "--prompt", "The 7th", "--tokens", "12"};
    Outcome first = Outcome.of(line);
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out()).startsWith("The 7th").hasSizeGreaterThan("The 7th\n".length());
    assertThat(Outcome.of(line).out()).isEqualTo(first.out());
  }

  @Test
  void tokenizerIsTrainedAndShown() {
    Path file = folder.resolve("tokenizer.json");
    Outcome made =
        Outcome.of(
            "tokenizer",
            "--data",
            text.toString(),
            "--vocabulary",
            "300",
            "--out",
            file.toString());
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out()).containsPattern("vocabulary +300").contains(file.toString());

    Outcome shown = Outcome.of("tokenizer", "--file", file.toString(), "--encode", "The whale");
    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out().lines().skip(1).map(line -> line.replaceFirst(".*\"(.*)\"$", "$1")))
        .satisfies(parts -> assertThat(String.join("", parts)).isEqualTo("The whale"));
  }

  @Test
  void tooSmallAVocabularyIsRefused() {
    Path file = folder.resolve("small.json");
    Outcome small =
        Outcome.of(
            "tokenizer", "--data", text.toString(), "--vocabulary", "256", "--out", "" + file);
    assertThat(small.code()).isEqualTo(2);
    assertThat(small.complaint()).contains("256", "257");
    assertThat(file).doesNotExist();
  }
}
