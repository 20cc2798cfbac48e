package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.test.pairs.SmallPairs;
import dev.culebra.train.recipe.Recipe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@code train} proposes at its end works when it is pasted into a shell, for every recipe.
 */
final class NextCommandsTest {

  private static final Map<String, List<String>> COMMANDS =
      Map.ofEntries(
          Map.entry("clm", List.of("generate")),
          Map.entry("prefix-lm", List.of("generate")),
          Map.entry("fim", List.of("generate")),
          Map.entry("ul2", List.of("generate")),
          Map.entry("seq2seq", List.of("generate")),
          Map.entry("span-corruption", List.of("generate")),
          Map.entry("denoising", List.of("generate")),
          Map.entry("mixture", List.of("generate")),
          Map.entry("mlm", List.of("fill")),
          Map.entry("nsp", List.of("fill")),
          Map.entry("sop", List.of("fill")),
          Map.entry("multi", List.of("fill")),
          Map.entry("electra", List.of()),
          Map.entry("contrastive", List.of("search")),
          Map.entry("clip", List.of("search")),
          Map.entry("siglip", List.of("search")),
          Map.entry("caption", List.of("generate")),
          Map.entry("coca", List.of("generate", "search")),
          Map.entry("diffusion", List.of("draw")));

  @TempDir static Path temporary;

  private static Path folder;
  private static Path text;
  private static Path pairs;
  private static Path images;

  @BeforeAll
  static void write() throws IOException {
    folder = Files.createDirectories(temporary.resolve("it's $HOME \"here\"; `a` \\ é"));
    pairs = SmallPairs.texts(folder);
    images = SmallPairs.images(folder);
    StringBuilder book = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      book.append("--said the 'old' $whale `").append(i).append("`! It was \"white\".\n\n");
    }
    text = Files.createDirectories(folder.resolve("texts"));
    for (int i = 0; i < 8; i++) {
      Files.writeString(text.resolve(i + ".txt"), book);
    }
  }

  static List<String> objectives() {
    return Recipe.OBJECTIVES;
  }

  @ParameterizedTest
  @MethodSource("objectives")
  void everyLineWorks(String objective) throws Exception {
    boolean seen = List.of("clip", "siglip", "caption", "coca", "diffusion").contains(objective);
    Path data =
        seen ? images : List.of("seq2seq", "contrastive").contains(objective) ? pairs : text;
    Path run = folder.resolve("-run of " + objective);
    List<String> train =
        new ArrayList<>(
            List.of("train", objective, "--device", "cpu", "--steps", "1", "--out=" + run));
    List<String> settings =
        new ArrayList<>(
            List.of(
                "data.path=" + data,
                "model.width=16",
                "model.layers=1",
                "model.heads=2",
                "batch.sequences=8",
                "data.heldOut=0.25"));
    if (!objective.equals("diffusion")) {
      settings.addAll(List.of("tokenizer.vocabulary=300", "model.context=64"));
    }
    if (seen) {
      settings.addAll(List.of("image.side=8", "image.patch=4"));
    }
    settings.forEach(setting -> train.addAll(List.of("--set", setting)));
    Outcome trained = Outcome.of(train.toArray(String[]::new));
    assertThat(trained.code()).as(trained.err()).isZero();
    List<String> lines = next(trained.out());
    List<String> expected = new ArrayList<>(List.of("evaluate"));
    expected.addAll(COMMANDS.get(objective));
    List<String> commands = new ArrayList<>();
    for (String line : lines) {
      List<String> words = words(line);
      commands.add(words.getFirst());
      Outcome outcome = Outcome.of(words.toArray(String[]::new));
      assertThat(outcome.code()).as(line + "\n" + outcome.err()).isZero();
      assertThat(outcome.out()).as(line).isNotBlank();
      assertThat(outcome.err()).doesNotContain("left out", "cut off");
    }
    assertThat(commands).isEqualTo(expected);
  }

  private static List<String> next(String out) {
    List<String> lines = new ArrayList<>();
    for (String line : out.substring(out.indexOf("Next:  ") + 7).lines().toList()) {
      lines.add(line.strip());
    }
    return lines;
  }

  /** The words that a shell makes of a line, without the program. */
  private static List<String> words(String line) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-c", "culebra() { printf '%s\\0' \"$@\"; }; " + line).start();
    String read = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shell.waitFor()).as(line).isZero();
    return List.of(read.split("\0"));
  }
}
