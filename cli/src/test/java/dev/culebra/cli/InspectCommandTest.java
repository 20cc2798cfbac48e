package dev.culebra.cli;

import static dev.culebra.cli.Inspected.inspect;
import static dev.culebra.cli.Inspected.json;
import static dev.culebra.cli.Inspected.words;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.data.token.BpeTrainer;
import dev.culebra.data.token.ByteLevelBpe;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.train.setup.RecipeObjective;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code culebra inspect} on text, and what it refuses. */
final class InspectCommandTest {

  private static final String SENTENCE =
      "transformer models learn patterns from large text corpora";

  @TempDir Path folder;

  /** The sentence and the three samples of the textbook, word for word. */
  /** Half of the 15 tokens of a pair, its three special tokens counted too. */
  @Test
  void pairsAreMaskedAtTheAskedRate() {
    JsonNode json = json("nsp", "--profile", "bert", "--set", "corruption.rate=0.5");
    long masked =
        json.get("encoder").get("loss_mask").valueStream().filter(n -> n.intValue() == 1).count();
    assertThat(masked).isEqualTo(9);
  }

  @Test
  void showsTheSamplesOfTheTextbook() {
    JsonNode causal = json("clm", "--text", SENTENCE).get("decoder");
    assertThat(words(causal.get("input")))
        .containsExactly("transformer", "models", "learn", "patterns", "from", "large", "text");
    assertThat(words(causal.get("labels")))
        .containsExactly("models", "learn", "patterns", "from", "large", "text", "corpora");

    JsonNode masked = json("mlm", "--text", SENTENCE).get("encoder");
    assertThat(words(masked.get("input")))
        .containsExactly(
            "transformer", "models", "[MASK]", "patterns", "from", "[MASK]", "text", "corpora");
    assertThat(words(masked.get("labels")))
        .containsExactly("", "", "learn", "", "", "large", "", "");

    JsonNode span = json("span-corruption", "--text", SENTENCE);
    assertThat(words(span.get("encoder").get("input")))
        .containsExactly("transformer", "models", "<extra_id_0>", "large", "text", "corpora");
    assertThat(words(span.get("decoder").get("labels")))
        .containsExactly("<extra_id_0>", "learn", "patterns", "from", "<extra_id_1>");
  }

  @Test
  void drawsATableAndAGrid() {
    assertThat(inspect("mlm", "--text", SENTENCE).out().lines())
        .containsExactly(
            "mlm: a model fills in masked tokens",
            "profile plain, seed 77, for an encoder",
            "",
            "text    transformer models learn patterns from large text corpora",
            "input   transformer models [MASK] patterns from [MASK] text corpora",
            "labels  2: learn, 5: large",
            "",
            "encoder: every row sees all rows",
            "row  input        label  loss  0 1 2 3 4 5 6 7",
            "  0  transformer  ·         0  ■ ■ ■ ■ ■ ■ ■ ■",
            "  1  models       ·         0  ■ ■ ■ ■ ■ ■ ■ ■",
            "  2  [MASK]       learn     1  ■ ■ ■ ■ ■ ■ ■ ■",
            "  3  patterns     ·         0  ■ ■ ■ ■ ■ ■ ■ ■",
            "  4  from         ·         0  ■ ■ ■ ■ ■ ■ ■ ■",
            "  5  [MASK]       large     1  ■ ■ ■ ■ ■ ■ ■ ■",
            "  6  text         ·         0  ■ ■ ■ ■ ■ ■ ■ ■",
            "  7  corpora      ·         0  ■ ■ ■ ■ ■ ■ ■ ■");
    assertThat(inspect("span-corruption").out().lines())
        .contains(
            "profile plain, seed 77, for an encoder-decoder",
            "cross attention: every row sees all 6 rows of the encoder, behind the bar",
            "row  input         label         loss  0 1 2 3 4 │ 0 1 2 3 4 5",
            "  1  <extra_id_0>  learn            1  ■ ■ · · · │ ■ ■ ■ ■ ■ ■");
    assertThat(inspect("prefix-lm").out().lines())
        .contains(
            "decoder: every row sees the first 3 rows, and what is before it",
            "  0  transformer  ·            0  ■ ■ ■ · · · ·",
            "  3  patterns     from         1  ■ ■ ■ ■ · · ·");
  }

  @Test
  void setsAllObjectivesSideBySide() {
    Inspected all = inspect("all");
    assertThat(all.code()).isZero();
    assertThat(all.out()).startsWith(SENTENCE);
    for (TextObjective objective : TextObjective.values()) {
      boolean shown = objective != TextObjective.SEQ2SEQ;
      assertThat(all.out().lines().anyMatch(line -> line.startsWith(objective.key() + "  (")))
          .isEqualTo(shown);
    }
    assertThat(all.out())
        .contains("  input   transformer models [MASK] patterns from [MASK] text corpora")
        .contains("  target  <extra_id_0> learn patterns from <extra_id_1>");
    JsonNode json = json("all", "--text", "One. Two.", "--text", "Un. Deux.");
    assertThat(json.get("objectives")).hasSize(TextObjective.values().length);
  }

  @ParameterizedTest
  @EnumSource(TextObjective.class)
  void everyProfileHasItsPicture(TextObjective objective) {
    for (String profile : objective.profiles()) {
      String[] line = {
        objective.key(),
        "--profile",
        profile,
        "--text",
        "He sat. She ran off!",
        "--text",
        "It rained."
      };
      Inspected outcome = inspect(line);
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out())
          .startsWith(objective.key() + ": a model ")
          .contains("profile " + profile, "row  ", " input ", "  loss  ")
          .doesNotContain("\u001B", "null");
      JsonNode all = json(line);
      JsonNode json = objective.pairsTexts() ? all : all.get("samples").get(0);
      assertThat(words(json.get("tokens"))).containsExactly("He", "sat.", "She", "ran", "off!");
      for (String side : List.of("encoder", "decoder")) {
        JsonNode rows = json.get(side);
        if (!rows.isNull()) {
          int length = rows.get("input").size();
          for (String column :
              List.of(
                  "input_ids", "positions", "token_types", "labels", "label_ids", "loss_mask")) {
            assertThat(rows.get(column)).as(column).hasSize(length);
          }
          IntStream.range(0, length)
              .forEach(
                  row ->
                      assertThat(rows.get("loss_mask").get(row).intValue() == 1)
                          .isEqualTo(!rows.get("labels").get(row).isNull()));
        }
      }
    }
  }

  @Test
  void pairsAreOfTheTextsThatAreGiven() {
    JsonNode pair = json("seq2seq", "--text", "a b", "--text", "c d e");
    assertThat(words(pair.get("encoder").get("input"))).containsExactly("a", "b", "[SEP]");
    assertThat(words(pair.get("decoder").get("labels"))).containsExactly("c", "d", "e", "[SEP]");
    assertThat(pair.get("decoder").get("cross_attention")).hasSize(4);
    assertThat(inspect("nsp", "--text", "a b", "--text", "c").out().lines())
        .contains(
            "labels  1 (does not follow)",
            "row  text  input  label  loss  0 1 2 3 4 5",
            "  4     1  c      ·         0  ■ ■ ■ ■ ■ ■");
    JsonNode next = json("nsp", "--text", "a b", "--text", "c");
    assertThat(next.get("label").intValue()).isEqualTo(1);
    assertThat(words(next.get("encoder").get("input")))
        .containsExactly("[CLS]", "a", "b", "[SEP]", "c", "[SEP]");
  }

  @Test
  void partsAreShownAsTheirRecipeHasThem() {
    JsonNode mixture = json("mixture", "--text", SENTENCE).get("parts");
    assertThat(mixture.valueStream().map(part -> part.get("objective").stringValue()))
        .containsExactly("span-corruption", "prefix-lm", "denoising");
    assertThat(mixture.valueStream().mapToDouble(part -> part.get("probability").doubleValue()))
        .containsExactly(0.5, 0.3, 0.2);
    assertThat(mixture.valueStream().map(part -> part.get("architecture").stringValue()))
        .containsOnly("encoder-decoder");
    assertThat(inspect("multi", "--text", SENTENCE).out().lines())
        .contains(
            "multi: the losses of 2 objectives are added in each step",
            "weight 1",
            "mlm: a model fills in masked tokens",
            "nsp: a model tells whether the second text follows the first",
            "profile plain, seed 77, for an encoder");
    JsonNode single = json("mlm", "--profile", "bert", "--text", SENTENCE, "--text", "a b");
    JsonNode part = json("multi", "--text", SENTENCE, "--text", "a b").get("parts").get(0);
    assertThat(part.get("encoder")).isEqualTo(single.get("samples").get(0).get("encoder"));
  }

  @Test
  void seedsDrawDifferently() {
    String first = inspect("mlm", "--seed", "1").out();
    assertThat(inspect("mlm", "--seed", "1").out()).isEqualTo(first);
    assertThat(inspect("mlm", "--seed", "2").out()).isNotEqualTo(first);
  }

  @Test
  void aTokenizerCutsTheText() {
    BpeTrainer trainer = new BpeTrainer();
    trainer.add("the whale sank the ship. the ship sank. the whale swam.");
    Path file = folder.resolve("tokenizer.json");
    try (ByteLevelBpe trained = trainer.train(280)) {
      trained.save(file);
    }
    JsonNode sample =
        json("mlm", "--tokenizer", "" + file, "--text", "the whale sank.", "--profile", "bert");
    assertThat(words(sample.get("tokens")))
        .contains("the")
        .anyMatch(token -> token.startsWith("Ġ"));
    assertThat(words(sample.get("encoder").get("input"))).startsWith("[CLS]");
    JsonNode permuted =
        json(
            "denoising",
            "--profile",
            "permute",
            "--tokenizer",
            "" + file,
            "--text",
            "the whale sank. the ship swam.");
    assertThat(words(permuted.get("encoder").get("input")).size())
        .isEqualTo(permuted.get("tokens").size());
  }

  @Test
  void longTextsGetIntervalsInPlaceOfAGrid() {
    String text = "word ".repeat(60);
    assertThat(inspect("clm", "--text", text).out())
        .doesNotContain("■")
        .containsPattern("(?m)^row +input +label +loss +sees$")
        .containsPattern("(?m)^ *58 +word +word +1 +0 to 58$");
  }

  @Test
  void textsOfOneBatchSeeThemselvesAlone() {
    String[] two = {"denoising", "--profile", "mask", "--text", "a b c", "--text", "d e"};
    assertThat(inspect(two).out().lines())
        .contains(
            "encoder: in its own text, every row sees all rows",
            "row  text  input   label  loss  0 1 2 3 4",
            "  2     0  c       ·         0  ■ ■ ■ · ·",
            "  3     1  d       ·         0  · · · ■ ■",
            "cross attention: every row sees the encoder's rows of its own text, behind the bar",
            "row  text  input  label  loss  0 1 2 3 4 │ 0 1 2 3 4",
            "  3     1  [SEP]  d         1  · · · ■ · │ · · · ■ ■",
            "  4     1  d      e         1  · · · ■ ■ │ · · · ■ ■");
    JsonNode samples = json(two).get("samples");
    assertThat(samples).hasSize(2);
    JsonNode alone = json("denoising", "--profile", "mask", "--text", "a b c");
    assertThat(samples.get(0).get("decoder").get("labels"))
        .isEqualTo(alone.get("decoder").get("labels"));
    assertThat(samples.get(0).get("encoder").get("attention"))
        .isEqualTo(alone.get("encoder").get("attention"));
    assertThat(words(samples.get(1).get("tokens"))).containsExactly("d", "e");
  }

  @Test
  void settingsOfARecipeChangeTheSample() throws IOException {
    String[] half = {"mlm", "--set", "corruption.rate=0.5", "--text", "a b c d e f g h"};
    assertThat(
            json(half).get("encoder").get("loss_mask").valueStream().mapToInt(JsonNode::intValue))
        .as("half of 10 rows, for BERT counts special tokens too")
        .containsExactlyInAnyOrder(1, 1, 1, 1, 1, 0, 0, 0, 0, 0);
    String[] compared = {"multi", "--set", "multi.parts=mlm:1,contrastive:0.5", "--text", SENTENCE};
    assertThat(inspect(compared).out().lines())
        .contains("multi: the losses of 2 objectives are added in each step", "weight 0.5")
        .anyMatch(line -> line.startsWith("contrastive: "));
    assertThat(json(compared).get("parts").get(1).get("weight").asDouble()).isEqualTo(0.5);
    assertThat(inspect("multi", "--set", "multi.parts=mlm:1,sop:2").out())
        .contains("weight 2", "sop: a model");
    Path pairs = Files.writeString(folder.resolve("pairs.tsv"), "a\tb\nc\td\n");
    String[] siglip = {"contrastive", "--data", "" + pairs, "--set", "contrast.profile=siglip"};
    assertThat(inspect(siglip).out()).contains("profile siglip");
    assertThat(inspect("clm", "--set", "model.family=bert").err())
        .contains("model.family bert cannot learn clm");
  }

  @Test
  void bothTasksOfReplacedTokensAreShown() {
    JsonNode electra = json("electra");
    JsonNode masked = electra.get("encoder");
    JsonNode asked = electra.get("discriminator");
    List<String> hidden = words(masked.get("labels"));
    List<String> read = words(asked.get("input"));
    List<String> before = words(masked.get("input"));
    int replaced = 0;
    for (int row = 0; row < read.size(); row++) {
      boolean kept = read.get(row).equals(hidden.get(row)) || hidden.get(row).isEmpty();
      assertThat(asked.get("label_ids").get(row).intValue())
          .as("row %d", row)
          .isEqualTo(kept ? 0 : 1);
      if (hidden.get(row).isEmpty()) {
        assertThat(read.get(row)).isEqualTo(before.get(row));
      }
      replaced += kept ? 0 : 1;
    }
    assertThat(replaced).isPositive();
    assertThat(inspect("electra").out().lines())
        .contains("row  input        label")
        .anyMatch(l -> l.endsWith("1 (replaced)"));
  }

  @Test
  void ofAllObjectivesThoseThatCannotSayWhy() {
    Inspected one = inspect("all", "--text", "word");
    assertThat(one.code()).isZero();
    assertThat(one.out().lines())
        .contains("clm  (plain)", "mlm  (plain, encoder)")
        .anyMatch(line -> line.contains("1 token is too short for next-token prediction"));
  }

  @Test
  void runningTextIsBrokenBetweenWords() {
    InspectTokenizer words = InspectTokenizer.words(List.of(SENTENCE));
    Inspection masked =
        Inspection.of(
            RecipeObjective.of(TextObjective.MLM, "plain"),
            77,
            0,
            List.of(words.read().apply(SENTENCE)),
            words);
    assertThat(new InspectionView(masked, 40).shortLines())
        .containsExactly(
            "mlm  (plain, encoder)",
            "  input   transformer models [MASK]",
            "          patterns from [MASK] text",
            "          corpora",
            "  labels  2: learn, 5: large");
  }

  @Test
  void coloursLeaveTheTextAlone() {
    Paint paint = new Paint(List.of("[MASK]", "<extra_id_0>"));
    List<String> lines = List.of("  2  [MASK]  learn  1  ■ ■ · ·", "no colour");
    List<String> painted = paint.lines(lines);
    assertThat(painted.getFirst()).contains("\u001B[1;33m[MASK]\u001B[0m");
    assertThat(painted.stream().map(line -> line.replaceAll("\u001B\\[[0-9;]*m", "")))
        .isEqualTo(lines);
    assertThat(painted.getLast()).isEqualTo("no colour");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mml                            | no objective 'mml'; the nearest is mlm",
        "clip --text word               | clip learns from pairs: give --data",
        "contrastive --data nowhere.tsv | nowhere.tsv",
        "contrastive --data nowhere.txt | nowhere.txt has no pairs of texts",
        "contrastive --image a.png      | --image belongs to diffusion",
        "clip --data nowhere            | There is no file or folder nowhere",
        "clip --data .                  | . is no folder of images with a captions.tsv",
        "clip --tokenizer a.json        | Cannot read the tokenizer a.json",
        "mlm --data pairs.tsv           | --data belongs to objectives of pairs",
        "multi --profile bert           | --profile belongs to one objective",
        "multi --set multi.parts=clip:1,caption:1 | it is coca with these weights",
        "mixture --text word            | too short",
        "mlm --profile brt              | mlm has no profile 'brt'; it has plain, bert",
        "all --profile bert             | --profile belongs to one objective",
        "all --set corruption.rate=0.3  | --set changes the recipe of one objective",
        "mlm --set corruption.rate      | --set takes KEY=VALUE, not 'corruption.rate'",
        "seq2seq                        | give --text twice",
        "clm --text word                | 1 token is too short for next-token prediction",
        "clm --tokenizer nowhere.json   | Cannot read the tokenizer nowhere.json",
        "clm --seed x                   | invalid value for option '--seed'",
      })
  void badInputIsOneSentenceAndCodeTwo(String line, String sentence) {
    Inspected outcome = inspect(line.split(" +"));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).startsWith("culebra: ").contains(sentence);
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void anEmptyTextIsRefused() {
    assertThat(inspect("clm", "--text", "  ").err()).contains("--text needs some text");
    assertThat(inspect().err()).contains("missing required parameter: 'OBJECTIVE'");
  }

  @Test
  void helpHasExamplesAndDefaults() {
    String help = inspect("--help").out();
    assertThat(help)
        .contains("Usage: culebra inspect", "Examples:  culebra inspect mlm", SENTENCE)
        .contains("(default: 77)");
    for (TextObjective objective : TextObjective.values()) {
      assertThat(help).contains(objective.key());
    }
  }

  /** Whatever the seed, sentence order is asked of the text alone, and both orders are shown. */
  @ParameterizedTest
  @ValueSource(strings = {SENTENCE, "one two . three four five .", "a b"})
  void sentenceOrderShowsOneTextInTwoOrders(String text) {
    List<String> sorted = Arrays.stream(text.split(" ")).sorted().toList();
    for (String objective : List.of("sop", "multi")) {
      for (int seed = 1; seed < 20; seed++) {
        String[] sop = {"--text", text, "--seed", "" + seed};
        JsonNode shown =
            objective.equals("sop")
                ? json(with(sop, "sop"))
                : json(with(sop, "multi", "--set", "multi.parts=mlm:1,sop/plain:1"))
                    .get("parts")
                    .get(1);
        List<String> one = words(shown.get("encoder").get("input"));
        List<String> other = words(shown.get("other_order").get("input"));
        assertThat(shown.get("label").intValue() + shown.get("other_order").get("label").intValue())
            .isEqualTo(1);
        assertThat(one).isNotEqualTo(other);
        List<String> ordered = shown.get("label").intValue() == 0 ? one : other;
        assertThat(String.join(" ", ordered).replace("[CLS] ", "").replace(" [SEP]", ""))
            .isEqualTo(text);
        assertThat(one.stream().filter(w -> !w.startsWith("[")).sorted().toList())
            .isEqualTo(sorted);
      }
    }
  }

  /** A word that stands for another one is a word, not a mark. */
  @ParameterizedTest
  @ValueSource(strings = {"bert", "albert", "hf", "fairseq", "modernbert"})
  void randomWordsAreWords(String profile) {
    Set<String> marks = Set.of("[CLS]", "[SEP]", "[MASK]", "[PAD]");
    for (int seed = 1; seed < 40; seed++) {
      JsonNode shown =
          json("mlm", "--profile", profile, "--set", "corruption.rate=0.9", "--seed", "" + seed);
      assertThat(words(shown.get("encoder").get("input")))
          .allMatch(word -> marks.contains(word) || word.matches("[a-z]+"));
    }
  }

  private static String[] with(String[] some, String... more) {
    return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
  }
}
