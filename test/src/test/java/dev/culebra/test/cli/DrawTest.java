package dev.culebra.test.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culebra.runtime.text.Format;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small denoiser is trained, judged and drawn from. */
final class DrawTest {

  @TempDir static Path folder;
  private static Path run;
  private static Outcome trained;

  @BeforeAll
  static void train() throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    for (int i = 0; i < 20; i++) {
      BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      for (int pixel = 0; pixel < 64; pixel++) {
        image.setRGB(pixel % 8, pixel / 8, pixel / 8 < i % 8 ? 0xFF0000 : 0x0000FF);
      }
      ImageIO.write(image, "png", images.resolve(i + ".png").toFile());
    }
    run = folder.resolve("run");
    trained =
        Outcome.of(
            ("train diffusion --steps 4 --set image.side=8 --set image.patch=4"
                    + " --set image.channels=3 --set model.width=16 --set model.layers=1"
                    + " --set diffusion.steps=30 --set run.evaluateEvery=2 --data "
                    + images
                    + " --out "
                    + run)
                .split(" "));
  }

  @Test
  void trainSaysHowToDraw() {
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.err()).contains("20 images", "0 classes", "dit, ");
    assertThat(trained.out())
        .contains("It draws:", "draw " + run + " --out " + run.resolve("grid.png"));
  }

  @Test
  void countsImagesAndMeasuresAnError() {
    assertThat(trained.err())
        .containsPattern("(?m)^step 4/4  loss \\d\\.\\d{3}  [\\d,]+ images/s  left 0:00$")
        .containsPattern("(?m)^step 2: validation loss \\d\\.\\d{4} \\([\\d,]+ noised images\\)$");
    assertThat(trained.out())
        .containsPattern("(?m)^speed +[\\d,]+ images/s$")
        .containsPattern("(?m)^validation loss +\\d\\.\\d{4} mean squared error$")
        .doesNotContain("nat", "tokens/s");
    assertThat(run.resolve("metrics.jsonl"))
        .content()
        .contains("\"images_per_second\"")
        .doesNotContain("tokens_per_second");
  }

  @Test
  void drawWritesAGridThatTheSeedRepeats() throws IOException {
    Path first = folder.resolve("first.png");
    Path second = folder.resolve("second.png");
    Outcome drawn =
        Outcome.of("draw", "" + run, "--out", "" + first, "--count", "7", "--steps", "3");
    assertThat(drawn.code()).as(drawn.err()).isZero();
    assertThat(drawn.out()).contains(first + ": 7 images, 32 x 32 pixels");
    assertThat(drawn.err()).contains("step 3/3  7 images");
    BufferedImage grid = ImageIO.read(first.toFile());
    assertThat(grid.getWidth()).isEqualTo(32);
    assertThat(grid.getRGB(31, 31)).isEqualTo(0xFFFFFFFF);
    Outcome again =
        Outcome.of("draw", "" + run, "--out", "" + second, "--count", "7", "--steps", "3");
    assertThat(again.code()).isZero();
    assertThat(second).hasSameBinaryContentAs(first);
    Outcome other =
        Outcome.of(
            (Format.text(
                    "draw %s --out %s --count 7 --steps 30 --sampler ddpm --seed 2", run, second))
                .split(" "));
    assertThat(other.code()).as(other.err()).isZero();
    assertThat(Files.readAllBytes(second)).isNotEqualTo(Files.readAllBytes(first));
  }

  @Test
  void evaluateSetsTheErrorOfBaselines() {
    Outcome table = Outcome.of("evaluate", run.toString());
    assertThat(table.code()).as(table.err()).isZero();
    assertThat(table.out()).contains("noise error", "scaled input", "predicting zero");
  }

  @Test
  void whatCannotBeDrawnIsRefused() {
    String[][] lines = {
      {"not 31", "--steps", "31"},
      {"trained without classes", "--class", "0"},
      {"there is none to draw", "--guidance", "2"},
      {"there is no folder", "--out", folder.resolve("none/grid.png").toString()}
    };
    for (String[] line : lines) {
      Outcome refused = Outcome.of("draw", run.toString(), line[1], line[2]);
      assertThat(refused.code()).as(refused.err()).isEqualTo(2);
      assertThat(refused.complaint()).contains(line[0]);
    }
  }

  @Test
  void inspectShowsTheScheduleAndAnImageInNoise() throws IOException {
    Path strip = folder.resolve("strip.png");
    String image = folder.resolve("images/7.png").toString();
    Outcome shown = Outcome.of("inspect", "diffusion", "--image", image, "--out", "" + strip);
    assertThat(shown.code()).as(shown.err()).isZero();
    assertThat(shown.out())
        .contains("linear schedule of 1000 steps")
        .containsPattern("(?m)^ *499 +0\\.078587 ");
    assertThat(ImageIO.read(strip.toFile()).getWidth()).isEqualTo(11 * 66 + 2);
    JsonNode report =
        JsonMapper.shared()
            .readTree(Outcome.of("inspect", "diffusion", "--profile", "cosine", "--json").out());
    assertThat(report.at("/steps/5/alpha_bar").doubleValue()).isCloseTo(0.4938, within(1e-4));
    Outcome other = Outcome.of("inspect", "diffusion", "--profile", "bert");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.complaint()).contains("no noise schedule 'bert': there are linear and cosine");
    assertThat(Outcome.of("inspect", "mlm", "--image", image).complaint())
        .contains("--image belongs to diffusion");
  }
}
