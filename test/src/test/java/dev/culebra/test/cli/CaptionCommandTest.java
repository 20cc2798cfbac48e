package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culebra.test.pairs.SmallPairs;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code culebra generate --image} on small models, and what training shows of captions. */
final class CaptionCommandTest {

  @TempDir static Path folder;
  private static Path images;
  private static Outcome trained;
  private static Outcome contrasted;

  @BeforeAll
  static void train() throws IOException {
    images = SmallPairs.images(folder);
    trained = train("caption");
    contrasted = train("clip");
    assertThat(contrasted.code()).as(contrasted.err()).isZero();
  }

  private static Outcome train(String objective) {
    List<String> line = new ArrayList<>(List.of("train", objective, "--steps", "4"));
    line.addAll(List.of("--data", images.toString(), "--out", run(objective)));
    Stream.of(
            "tokenizer.vocabulary=300",
            "model.width=16",
            "model.heads=2",
            "model.context=16",
            "image.side=8",
            "image.patch=4",
            "batch.sequences=6")
        .forEach(setting -> line.addAll(List.of("--set", setting)));
    return Outcome.of(line.toArray(String[]::new));
  }

  private static String run(String objective) {
    return folder.resolve("run-" + objective).toString();
  }

  private static Outcome generate(String run, String... arguments) {
    return Outcome.of(
        Stream.concat(Stream.of("generate", run, "--device", "cpu"), Stream.of(arguments))
            .toArray(String[]::new));
  }

  @Test
  void trainingShowsHeldOutImages() {
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.out())
        .contains("Captions of held-out images")
        .containsPattern("(?m)^  a (red|green|blue|black) bar of \\d\\R    -> ")
        .containsPattern("generate " + run("caption") + " --image \\S+/images/\\w+\\.png\\R");
  }

  @Test
  void speedIsToldInPairsAndLossInNat() {
    for (Outcome outcome : List.of(trained, contrasted)) {
      assertThat(outcome.err()).containsPattern("(?m)^step 4/4  loss \\d.* [\\d,]+ pairs/s  left");
      assertThat(outcome.out())
          .containsPattern("(?m)^speed +[\\d,]+ pairs/s$")
          .containsPattern("(?m)^validation loss +\\d\\.\\d{4} nat$");
    }
    assertThat(trained.err()).containsPattern("step 4: validation loss .*\\([\\d,]+ tokens\\)");
    assertThat(contrasted.err()).containsPattern("step 4: validation loss .*\\(\\d+ pairs\\)");
    assertThat(contrasted.out())
        .containsPattern("search " + run("clip") + " 'a (red|green|blue|black) bar of \\d'");
  }

  @Test
  void oneImageOfAnySizeGetsOneLine() throws IOException {
    Path large = folder.resolve("large.png");
    ImageIO.write(new BufferedImage(50, 31, BufferedImage.TYPE_INT_RGB), "png", large.toFile());
    Outcome written = generate(run("caption"), "--image", large.toString(), "--prompt", "a bar");
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(written.out().lines()).hasSize(1).allMatch(line -> line.startsWith("a bar"));
  }

  @Test
  void aFolderBecomesACaptionFile() throws IOException {
    Path photos = Files.createDirectories(folder.resolve("photos"));
    Files.copy(images.resolve("red3.png"), photos.resolve("a.png"));
    Files.copy(images.resolve("blue8.png"), photos.resolve("b.png"));
    Files.writeString(photos.resolve("c.png"), "no image");
    Outcome written = generate(run("caption"), "--image", photos.toString());
    assertThat(written.code()).as(written.err()).isZero();
    assertThat(written.out().lines().map(line -> line.split("\t", -1)[0]))
        .containsExactly("a.png", "b.png");
    assertThat(written.err()).contains("1 of 3 rows left out").contains("c.png");
    String alone = generate(run("caption"), "--image", photos.resolve("b.png").toString()).out();
    assertThat(written.out()).endsWith("b.png\t" + alone);
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    String image = images.resolve("red3.png").toString();
    refused(generate(run("caption")), "give one, or a folder of them, by --image");
    refused(generate(run("caption"), "--image", folder + "/none.png"), "there is no file");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    refused(generate(run("caption"), "--image", empty.toString()), "has no image");
    refused(
        generate(run("caption"), "--image", image, "--prompt", "bar ".repeat(40)),
        "the model has 16 positions");
    refused(generate(run("clip"), "--image", image), "writes no captions: --image is for");
    refused(generate(run("clip")), "writes no text");
    Path text = Files.writeString(folder.resolve("text.txt"), "the whale and the sea. ".repeat(99));
    Outcome decoder =
        Outcome.of(
            "train",
            "clm",
            "--data=" + text,
            "--out=" + run("clm"),
            "--steps=1",
            "--set=model.width=16",
            "--set=tokenizer.vocabulary=280",
            "--set=model.context=16");
    assertThat(decoder.code()).as(decoder.err()).isZero();
    refused(
        generate(run("clm"), "--image", image),
        "reads no images: --image is for one of caption or coca");
  }

  private static void refused(Outcome outcome, String complaint) {
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.complaint()).contains(complaint);
  }
}
