package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.test.run.TextRecipes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What people do with trained models of text: fill masks, and let them write. */
final class WritingTest {

  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException {
    TextRecipes.write(folder);
    for (String objective : List.of("mlm", "span-corruption", "fim", "seq2seq")) {
      train(objective);
    }
    train("prefix-lm");
    train("ul2", "model.family=gpt2");
  }

  private static void train(String objective, String... settings) {
    List<String> line = new ArrayList<>(List.of("train", objective));
    boolean pairs = objective.equals("seq2seq");
    line.addAll(List.of("--data", folder.resolve(pairs ? "pairs.tsv" : "sentences.txt") + ""));
    line.addAll(List.of("--out", run(objective), "--steps", "4"));
    List<String> all =
        new ArrayList<>(
            List.of(
                "tokenizer.vocabulary=300",
                "model.width=16",
                "model.layers=1",
                "model.heads=2",
                "model.context=32",
                "batch.sequences=4"));
    all.addAll(List.of(settings));
    all.forEach(setting -> line.addAll(List.of("--set", setting)));
    Outcome trained = Outcome.of(line.toArray(String[]::new));
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.out()).contains("Next:");
  }

  private static String run(String objective) {
    return folder.resolve("run-" + objective).toString();
  }

  @Test
  void fillNamesTheLikeliestTokens() {
    Outcome table = Outcome.of("fill", run("mlm"), "the [MASK] and a [MASK]", "--top", "3");
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.out().lines())
        .hasSize(7)
        .element(0)
        .asString()
        .matches("mask +token +probability");
    assertThat(table.out()).containsPattern("(?m)^2 +\".*\" +\\d+\\.\\d %$");
  }

  @Test
  void fillWritesJsonOfAModelFolderToo() {
    String model = Path.of(run("mlm"), "model").toString();
    String[] line = {"fill", model, "the [MASK] sea", "--json", "--top", "300"};
    Outcome json = Outcome.of(line);
    assertThat(json.code()).as(json.err()).isZero();
    JsonNode masks = JsonMapper.shared().readTree(json.out()).get("masks");
    assertThat(masks.size()).isOne();
    List<Double> probabilities =
        StreamSupport.stream(masks.get(0).spliterator(), false)
            .map(candidate -> candidate.get("probability").asDouble())
            .toList();
    assertThat(probabilities)
        .isSortedAccordingTo((a, b) -> Double.compare(b, a))
        .allSatisfy(p -> assertThat(p).isBetween(0.0, 1.0));
    // Special tokens are left out, so that the rest sums to a little less than 1.
    assertThat(probabilities.stream().mapToDouble(p -> p).sum()).isBetween(0.5, 1.000_001);
    assertThat(Outcome.of(line).out()).isEqualTo(json.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mlm             | the sea                 | write [MASK] where",
        "mlm             | [MASK]                  | --top must be at least 1, not 0",
        "span-corruption | the [MASK]              | fills no masks"
      })
  void fillRefuses(String objective, String text, String complaint) {
    String top = complaint.startsWith("--top") ? "0" : "2";
    Outcome refused = Outcome.of("fill", run(objective), text, "--top", top);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.complaint()).contains(complaint);
  }

  @Test
  void fillRefusesWhatIsTooLong() {
    Outcome refused = Outcome.of("fill", run("mlm"), "[MASK] " + "whale".repeat(60));
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.complaint()).contains("the model has 32 positions");
  }

  @Test
  void generateSendsEncodersToFill() {
    Outcome refused = Outcome.of("generate", run("mlm"), "--prompt", "the sea");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.complaint()).contains("culebra fill");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "span-corruption | the <extra_id_0> and a ship | false",
        "seq2seq         | the whale                   | false",
        "prefix-lm       | the whale                   | true",
        "fim             | the whale                   | true",
        "fim             | the [MASK] ship             | false",
        "ul2             | the whale                   | false"
      })
  void generateLaysThePromptOutAsItWasTrained(String objective, String prompt, boolean continued) {
    String[] line = {
      "generate", run(objective), "--prompt", prompt, "--tokens", "12", "--temperature", "0"
    };
    Outcome written = Outcome.of(line);
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(written.out().startsWith(prompt)).isEqualTo(continued);
    assertThat(written.out()).endsWith("\n").doesNotContain("[PAD]", "[SEP]");
    assertThat(Outcome.of(line).out()).isEqualTo(written.out());
    String[] drawn = {
      "generate", run(objective), "--prompt", prompt, "--tokens", "12", "--seed", "5"
    };
    assertThat(Outcome.of(drawn).out()).isEqualTo(Outcome.of(drawn).out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fim             | the model has 32 positions",
        "prefix-lm       | the model has 32 positions"
      })
  void generateRefusesWhatDoesNotFit(String objective, String complaint) {
    String text = "a [MASK] " + "whale".repeat(60);
    Outcome refused = Outcome.of("generate", run(objective), "--prompt", text, "--tokens", "3");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.complaint()).contains(complaint);
  }
}
