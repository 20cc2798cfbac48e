package dev.culebra.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.objectives.corruption.TextObjective;
import dev.culebra.objectives.token.BpeTrainer;
import dev.culebra.objectives.token.ByteLevelBpe;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class InspectCommandTest {

  private static final String SENTENCE =
      "transformer models learn patterns from large text corpora";

  @TempDir Path folder;

  private record Outcome(int code, String out, String err) {}

  private static Outcome inspect(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = Stream.concat(Stream.of("inspect"), Stream.of(args)).toArray(String[]::new);
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), all);
    return new Outcome(code, out.toString(), err.toString());
  }

  private static JsonNode json(String... args) {
    String[] all = Stream.concat(Stream.of(args), Stream.of("--json")).toArray(String[]::new);
    Outcome outcome = inspect(all);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).isEmpty();
    return JsonMapper.shared().readTree(outcome.out());
  }

  private static List<String> words(JsonNode array) {
    return array.valueStream().map(node -> node.isNull() ? "" : node.stringValue()).toList();
  }

  /** The sentence and the three samples of the textbook, word for word. */
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
    Outcome all = inspect("all");
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
      Outcome outcome = inspect(line);
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out())
          .startsWith(objective.key() + ": a model ")
          .contains("profile " + profile, "row  ", " input ", "  loss  ")
          .doesNotContain("\u001B", "null");
      JsonNode json = json(line);
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

  private Path file(String name, String... lines) throws IOException {
    return Files.write(folder.resolve(name), List.of(lines));
  }

  /** One group twice, and a source whose target stands in another group too. */
  @Test
  void pairsAreShownAsAMatrix() throws IOException {
    Path pairs =
        file(
            "pairs.tsv",
            "cat\tan animal\ta",
            "tom\ta male cat\ta",
            "bow\ta knot\tb",
            "bow\ta weapon\tc",
            "arc\ta weapon\td");
    assertThat(inspect("contrastive", "--data", "" + pairs).out().lines())
        .containsExactly(
            "contrastive: a model finds the text that belongs to a text",
            "profile clip, 5 of 5 pairs in " + pairs,
            "",
            "pair  left  right       group",
            "   0  cat   an animal   a",
            "   1  tom   a male cat  a",
            "   2  bow   a knot      b",
            "   3  bow   a weapon    c",
            "   4  arc   a weapon    d",
            "",
            "pair  0 1 2 3 4",
            "   0  + x - - -",
            "   1  x + - - -",
            "   2  - - + x x",
            "   3  - - x + x",
            "   4  - - - x +",
            "5 positives +, 13 negatives -, 7 masked x because they fit as well",
            "",
            "loss    symmetric: each row is asked which of its + and - is the +, and so is each"
                + " column",
            "logits  cosines times 14.29, which is learned from there within 1 and 100");
    JsonNode json = json("contrastive", "--data", "" + pairs, "--profile", "mnrl");
    assertThat(json.get("pairs")).hasSize(5);
    JsonNode contrast = json.get("contrastive");
    assertThat(words(contrast.get("matrix").get(2))).containsExactly("-", "-", "+", "x", "x");
    assertThat(contrast.get("masked").intValue()).isEqualTo(7);
    assertThat(contrast.get("form").stringValue()).isEqualTo("one-sided");
    assertThat(contrast.get("scale").doubleValue()).isCloseTo(20, within(1e-5));
    assertThat(json.get("caption").isNull()).isTrue();
    assertThat(inspect("siglip", "--data", "" + pairs).out())
        .contains("each pair by itself", "cosines times 10, plus -10");
    assertThat(inspect("contrastive", "--data", "" + pairs, "--profile", "x").err())
        .contains("contrastive has no profile 'x'; it has infonce, clip, mnrl, siglip");
  }

  /** By default the sample's pairs, two of one group among them. */
  @ParameterizedTest
  @ValueSource(strings = {"contrastive", "clip", "siglip", "coca"})
  void theSampleHasAMask(String objective) {
    Path home = Path.of("").toAbsolutePath();
    while (!Files.exists(home.resolve("data/sample"))) {
      home = home.getParent();
    }
    String before = System.getProperty("culebra.home");
    System.setProperty("culebra.home", home.toString());
    try {
      JsonNode json = json(objective);
      assertThat(json.get("pairs")).hasSize(6);
      assertThat(json.get("contrastive").get("masked").intValue()).isEqualTo(2);
      assertThat(json.get("contrastive").get("negative").intValue()).isEqualTo(28);
    } finally {
      if (before == null) {
        System.clearProperty("culebra.home");
      } else {
        System.setProperty("culebra.home", before);
      }
    }
  }

  @Test
  void aPairAloneIsRefused() throws IOException {
    Outcome outcome = inspect("contrastive", "--data", "" + file("one.tsv", "a\tb"));
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("one pair alone").hasLineCount(1);
  }

  @Test
  void aHandfulHasTwinsIfThereAreAny() {
    assertThat(PairSample.handful(List.of("a", "b", "c", "d", "e", "f", "g", "c", "a")))
        .containsExactly(0, 1, 2, 3, 4, 7);
    assertThat(PairSample.handful(List.of("a", "b", "c", "d", "e", "f", "g")))
        .containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(PairSample.handful(List.of("a", "a", "a", "a", "a", "a", "a", "b")))
        .containsExactly(0, 1, 2, 3, 4, 7);
  }

  private Path pictures() throws IOException {
    for (int i = 0; i < 3; i++) {
      int side = 8 << i;
      PngFile.write(
          new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB), folder.resolve(i + ".png"));
    }
    file("captions.tsv", "0.png\ta red car\tcar", "1.png\tthe car\tcar", "2.png\ta cup\tcup");
    return folder;
  }

  @Test
  void picturesHaveSizesAndPatches() throws IOException {
    Path data = pictures();
    for (String objective : List.of("clip", "siglip", "coca")) {
      assertThat(inspect(objective, "--data", "" + data).out().lines())
          .contains(
              "pair  picture  pixels   caption    group",
              "   1  1.png    16 x 16  the car    car",
              "pictures: each is brought to 32 x 32 pixels and becomes 16 patches of 8 x 8 x 3 ="
                  + " 192 values",
              "   0  + x -",
              "   1  x + -",
              "   2  - - +");
    }
    JsonNode json = json("clip", "--data", "" + data);
    assertThat(json.get("pairs").get(2).get("width").intValue()).isEqualTo(32);
    assertThat(json.get("pictures").get("patches").intValue()).isEqualTo(16);
    assertThat(json.get("contrastive").get("weight")).isNull();
    Files.delete(data.resolve("1.png"));
    assertThat(inspect("clip", "--data", "" + data).err()).contains("1.png").hasLineCount(1);
  }

  @Test
  void captionsAreWrittenTokenByToken() throws IOException {
    Path data = pictures();
    List<String> lines = inspect("caption", "--data", "" + data).out().lines().toList();
    assertThat(lines)
        .contains(
            "caption of pair 0, weight 1 in the loss",
            "cross attention: every row sees all 17 rows of its picture",
            "row  input  label  loss  0 1 2 3 4",
            "  0  [CLS]  a         1  ■ · · · ·",
            "  3  car    [SEP]     1  ■ ■ ■ ■ ·",
            "  4  [SEP]  ·         0  ■ ■ ■ ■ ■")
        .noneMatch(line -> line.startsWith("loss "));
    JsonNode caption = json("caption", "--data", "" + data);
    assertThat(caption.get("contrastive").isNull()).isTrue();
    assertThat(words(caption.get("caption").get("input")))
        .containsExactly("[CLS]", "a", "red", "car", "[SEP]");
    assertThat(words(caption.get("caption").get("labels")))
        .containsExactly("a", "red", "car", "[SEP]", "");
    JsonNode coca = json("coca", "--data", "" + data);
    for (String part : List.of("contrastive", "caption", "masked")) {
      double weight = part.equals("caption") ? 2 : 1;
      assertThat(coca.get(part).get("weight").doubleValue()).as(part).isEqualTo(weight);
    }
    assertThat(words(coca.get("masked").get("encoder").get("input"))).contains("[MASK]");
    assertThat(inspect("caption", "--data", "" + data, "--profile", "clip").err())
        .contains("--profile is the loss of pairs, which caption does not compare");
    assertThat(inspect("coca", "--data", "" + data).out())
        .contains("masked caption of pair 0, weight 1 in the loss");
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
    assertThat(part.get("encoder")).isEqualTo(single.get("encoder"));
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
  void runningTextIsBrokenBetweenWords() {
    Lexicon words = Lexicon.words(List.of(SENTENCE));
    Inspection masked =
        Inspection.of(TextObjective.MLM, "plain", 77, List.of(words.read().apply(SENTENCE)), words);
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
        "mml                            | no objective 'mml'; the nearest are mlm",
        "clip --text word               | clip learns from pairs: give --data",
        "contrastive --data nowhere.tsv | nowhere.tsv",
        "contrastive --data nowhere.txt | nowhere.txt has no pairs of texts",
        "contrastive --image a.png      | --image belongs to diffusion",
        "clip --data nowhere            | There is no file or folder nowhere",
        "clip --data .                  | . is no folder of pictures with a captions.tsv",
        "clip --tokenizer a.json        | Cannot read the tokenizer a.json",
        "mlm --data pairs.tsv           | --data belongs to objectives of pairs",
        "multi --profile bert           | --profile belongs to one objective",
        "mixture --text word            | too short",
        "mlm --profile brt              | mlm has no profile 'brt'; it has plain, bert",
        "all --profile bert             | --profile belongs to one objective",
        "seq2seq                        | give --text twice",
        "clm --text word                | 1 tokens is too short for next-token prediction",
        "clm --tokenizer nowhere.json   | Cannot read the tokenizer nowhere.json",
        "clm --seed x                   | invalid value for option '--seed'",
      })
  void badInputIsOneSentenceAndCodeTwo(String line, String sentence) {
    Outcome outcome = inspect(line.split(" +"));
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
}
