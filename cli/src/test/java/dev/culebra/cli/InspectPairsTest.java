package dev.culebra.cli;

import static dev.culebra.cli.Inspected.inspect;
import static dev.culebra.cli.Inspected.json;
import static dev.culebra.cli.Inspected.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code culebra inspect} on pairs of texts, and on images with captions. */
final class InspectPairsTest {

  @TempDir Path folder;

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
    Inspected outcome = inspect("contrastive", "--data", "" + file("one.tsv", "a\tb"));
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

  private Path images() throws IOException {
    for (int i = 0; i < 3; i++) {
      int side = 8 << i;
      PngFile.write(
          new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB), folder.resolve(i + ".png"));
    }
    file("captions.tsv", "0.png\ta red car\tcar", "1.png\tthe car\tcar", "2.png\ta cup\tcup");
    return folder;
  }

  @Test
  void imagesHaveSizesAndPatches() throws IOException {
    Path data = images();
    for (String objective : List.of("clip", "siglip", "coca")) {
      assertThat(inspect(objective, "--data", "" + data).out().lines())
          .contains(
              "pair  image  pixels   caption    group",
              "   1  1.png  16 x 16  the car    car",
              "images: each is brought to 32 x 32 pixels and becomes 16 patches of 8 x 8 x 3 ="
                  + " 192 values",
              "   0  + x -",
              "   1  x + -",
              "   2  - - +");
    }
    JsonNode json = json("clip", "--data", "" + data);
    assertThat(json.get("pairs").get(2).get("width").intValue()).isEqualTo(32);
    assertThat(json.get("images").get("patches").intValue()).isEqualTo(16);
    assertThat(json.get("contrastive").get("weight")).isNull();
    Files.delete(data.resolve("1.png"));
    assertThat(inspect("clip", "--data", "" + data).err()).contains("1.png").hasLineCount(1);
  }

  @Test
  void captionsAreWrittenTokenByToken() throws IOException {
    Path data = images();
    List<String> lines = inspect("caption", "--data", "" + data).out().lines().toList();
    assertThat(lines)
        .contains(
            "caption of pair 0, weight 1 in the loss",
            "cross attention: every row sees all 17 rows of its image",
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
}
