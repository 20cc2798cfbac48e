package dev.culebra.test.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.cli.Main;
import dev.culebra.runtime.cpu.CpuDevice;
import dev.culebra.runtime.device.Device;
import dev.culebra.train.run.Run;
import dev.culebra.train.run.RunListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code culebra search} on a small model of texts. */
final class SearchCommandTest {

  @TempDir static Path folder;
  private static Path run;

  private record Outcome(int code, String out, String err) {}

  @BeforeAll
  static void train() throws IOException {
    run = folder.resolve("run");
    try (Device device = CpuDevice.open(1)) {
      Run.train(
          SmallPairs.recipe("contrastive", SmallPairs.texts(folder)),
          run,
          false,
          device,
          new RunListener() {});
    }
  }

  private static Outcome search(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "search";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[all.length - 2] = "--device";
    all[all.length - 1] = "cpu";
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), all);
    return new Outcome(code, out.toString(), err.toString());
  }

  @Test
  void listsTheNearestTextsOfTheRun() {
    Outcome found = search(run.toString(), "a red whale", "--top", "3");
    assertThat(found.code()).as(found.err()).isZero();
    assertThat(found.out().lines())
        .hasSize(3)
        .allMatch(line -> line.matches(" ?-?\\d\\.\\d{3}  .+"));
  }

  @Test
  void writesJson() throws IOException {
    Path lines = Files.writeString(folder.resolve("lines.txt"), "a red whale\na sail\n");
    Outcome found = search(run.toString(), "a red whale", "--data", lines.toString(), "--json");
    assertThat(found.code()).as(found.err()).isZero();
    JsonNode json = JsonMapper.shared().readTree(found.out());
    assertThat(json.get("query").stringValue()).isEqualTo("a red whale");
    assertThat(json.get("nearest").size()).isEqualTo(2);
    assertThat(json.at("/nearest/0/name").stringValue()).isEqualTo("a red whale");
    assertThat(json.at("/nearest/0/score").doubleValue()).isGreaterThan(0.999);
  }

  @Test
  void theFolderSaysHowItEmbedsToSentenceTransformers() throws IOException {
    Path model = run.resolve("model");
    assertThat(Files.readString(model.resolve("1_Pooling/config.json")).replace(" ", ""))
        .contains("\"pooling_mode_mean_tokens\":true", "\"pooling_mode_cls_token\":false");
    assertThat(Files.readString(model.resolve("config_sentence_transformers.json")))
        .contains("cosine");
  }

  @Test
  void searchesAFolderOfTexts() throws IOException {
    Path below = Files.createDirectories(folder.resolve("texts/below"));
    Files.writeString(folder.resolve("texts/one.txt"), "a sail\n\n  a green sea  \n");
    Files.writeString(below.resolve("two.md"), "a red whale\n");
    Outcome found = search(run.toString(), "a red whale", "--data", folder + "/texts", "--json");
    assertThat(found.code()).as(found.err()).isZero();
    JsonNode json = JsonMapper.shared().readTree(found.out());
    assertThat(json.get("nearest"))
        .extracting(one -> one.get("name").stringValue())
        .containsExactlyInAnyOrder("a sail", "a green sea", "a red whale")
        .startsWith("a red whale");
    Path none = Files.createDirectories(folder.resolve("none"));
    Outcome nothing = search(run.toString(), "a", "--data", none.toString());
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err()).contains("has nothing to read");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path images = SmallPairs.images(folder);
    Outcome texts = search(run.toString(), "a red bar", "--data", images.toString());
    assertThat(texts.code()).isEqualTo(2);
    assertThat(texts.err()).contains("a model of texts alone");
    assertThat(search(run.toString(), "a", "--top", "0").err()).contains("--top");
    Outcome none = search(run.resolve("model").toString(), "a red bar");
    assertThat(none.code()).isEqualTo(2);
    assertThat(none.err()).contains("give --data");
  }
}
