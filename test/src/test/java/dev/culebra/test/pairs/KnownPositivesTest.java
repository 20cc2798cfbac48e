package dev.culebra.test.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.evaluation.EvaluationReport;
import dev.culebra.train.evaluation.Metric;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.run.Evaluation;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of queries and keys that fit each other though they are no pair of the data. */
final class KnownPositivesTest {

  private static final int PAIRS = 24;

  @TempDir Path temporary;
  private final List<String> notes = new ArrayList<>();
  private Device device;

  @BeforeEach
  void open() {
    device = CpuDevice.open(1);
  }

  @AfterEach
  void close() {
    device.close();
  }

  /** Pairs, each of a group of its own. */
  private Path texts() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < PAIRS; i++) {
      lines.append(Format.text("q %d\tanswer %d\n", i, i));
    }
    return Files.writeString(temporary.resolve("pairs.tsv"), lines);
  }

  private String list(String lines) throws IOException {
    return "contrast.exceptions=" + Files.writeString(temporary.resolve("list.tsv"), lines);
  }

  private Path run(String name, Recipe recipe) throws IOException {
    Path run = temporary.resolve(name);
    Run.train(
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
    return run;
  }

  private String noted() {
    return notes.stream().filter(note -> note.startsWith("exceptions")).findFirst().orElse("");
  }

  /** A list of everything leaves each query its own key alone, in both directions. */
  @ParameterizedTest
  @ValueSource(strings = {"infonce", "clip"})
  void everyKeyMayFitEveryQuery(String profile) throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < PAIRS * PAIRS; i++) {
      all.append(Format.text("q %d\tanswer %d\n", i / PAIRS, i % PAIRS));
    }
    String[] settings = {"contrast.profile=" + profile, "schedule.steps=2", list("" + all)};
    Path run = run("all", SmallPairs.recipe("contrastive", texts(), settings));
    assertThat(noted()).endsWith("list.tsv: 576 pairs to mask beside the data's own");
    EvaluationReport report = Evaluation.evaluate(run, null, device);
    assertThat(report.metric("loss").value()).isCloseTo(0, within(1e-6));
    Metric recall = report.metric("recall_at_1");
    assertThat(recall.value()).isOne();
    assertThat(recall.baselines().getFirst().value()).isCloseTo(1, within(1e-12));
  }

  /** What is in the list is masked, and nothing else: an unlisted loss is larger. */
  @Test
  void oneKeyMoreIsRight() throws IOException {
    Recipe recipe = SmallPairs.recipe("contrastive", texts(), "schedule.steps=2");
    EvaluationReport without = Evaluation.evaluate(run("without", recipe), null, device);
    StringBuilder next = new StringBuilder();
    for (int i = 0; i < PAIRS; i++) {
      for (int j = 0; j < PAIRS; j += 2) {
        next.append(Format.text("q %d\tanswer %d\n", i, j));
      }
    }
    String list = list("" + next);
    Recipe listed = SmallPairs.recipe("contrastive", texts(), "schedule.steps=2", list);
    EvaluationReport with = Evaluation.evaluate(run("with", listed), null, device);
    assertThat(with.metric("loss").value()).isPositive().isLessThan(without.metric("loss").value());
    double chance = without.metric("recall_at_1").baselines().getFirst().value();
    assertThat(with.metric("recall_at_1").baselines().getFirst().value())
        .isGreaterThan(chance)
        .isLessThan(1);
  }

  @Test
  void strangersAreCountedAndNamed() throws IOException {
    String lines = "q 1\tanswer 2\nq 99\tanswer 1\nq 3\tno answer\nq x\ta\nq y\tb\nq 4\t\n";
    run("strangers", SmallPairs.recipe("contrastive", texts(), "schedule.steps=2", list(lines)));
    assertThat(noted())
        .contains("5 pairs to mask", "4 of them name what the data does not have")
        .contains("list.tsv:2 'q 99'", "list.tsv:3 'no answer'", "list.tsv:4 'q x'; ...")
        .doesNotContain("q y");
    assertThat(notes).anyMatch(note -> note.contains("list.tsv:6 has an empty target"));
  }

  /** An image may be named by its file or by its caption. */
  @Test
  void imagesAreNamedByFileOrCaption() throws IOException {
    Path images = SmallPairs.images(temporary);
    StringBuilder files = new StringBuilder();
    StringBuilder captions = new StringBuilder();
    for (int size = 1; size <= 8; size++) {
      for (int other = 1; other <= 8; other++) {
        files.append(Format.text("red%d.png\ta blue bar of %d\n", size, other));
        captions.append(Format.text("a red bar of %d\ta blue bar of %d\n", size, other));
      }
    }
    byte[] none = weights(run("none", SmallPairs.recipe("clip", images)));
    String byFile = list("" + files);
    byte[] first = weights(run("files", SmallPairs.recipe("clip", images, byFile)));
    assertThat(noted()).endsWith(": 64 pairs to mask beside the data's own");
    String byCaption = list("" + captions);
    byte[] second = weights(run("captions", SmallPairs.recipe("clip", images, byCaption)));
    assertThat(second).isEqualTo(first).isNotEqualTo(none);
  }

  private static byte[] weights(Path run) throws IOException {
    return Files.readAllBytes(run.resolve("model/model.safetensors"));
  }

  @Test
  void anotherListIsOtherData() throws IOException {
    Recipe recipe =
        SmallPairs.recipe("contrastive", texts(), "schedule.steps=4", list("q 1\tanswer 2\n"));
    Path run = run("resumed", recipe);
    list("q 1\tanswer 3\n");
    assertThatThrownBy(() -> Run.train(Recipe.empty(), run, true, device, new RunListener() {}))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("other data");
    Recipe missing = SmallPairs.recipe("contrastive", texts(), "contrast.exceptions=none.tsv");
    assertThatThrownBy(() -> run("missing", missing))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("There is no file or folder none.tsv");
  }
}
