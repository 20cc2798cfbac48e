package dev.culebra.test.run;

import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;

/** A denoiser and images so small that a run takes a moment. */
public final class SmallImages {

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("image.side", "8"),
          Map.entry("image.patch", "4"),
          Map.entry("image.channels", "3"),
          Map.entry("diffusion.steps", "20"),
          Map.entry("diffusion.predict", "epsilon"),
          Map.entry("diffusion.ema", "0.8"),
          Map.entry("diffusion.draws", "2"),
          Map.entry("model.width", "16"),
          Map.entry("model.layers", "2"),
          Map.entry("model.heads", "2"),
          Map.entry("batch.sequences", "4"),
          Map.entry("batch.accumulation", "2"),
          Map.entry("schedule.steps", "12"),
          Map.entry("schedule.warmup", "2"),
          Map.entry("run.evaluateEvery", "5"),
          Map.entry("run.evaluateTokens", "4"),
          Map.entry("run.checkpointEvery", "4"));

  private SmallImages() {}

  /** The recipe over {@code data}, with further settings as key=value. */
  public static Recipe recipe(Path data, String... more) {
    Recipe recipe = Recipe.named("diffusion").with("data.path", data.toString(), "test");
    for (Map.Entry<String, String> entry : SETTINGS.entrySet()) {
      recipe = recipe.with(entry.getKey(), entry.getValue(), "test");
    }
    return SmallRun.with(recipe, more);
  }

  /** Writes a folder of images of 8 x 8 pixels: squares of a colour on white. */
  public static Path write(Path folder, int count) throws IOException {
    Files.createDirectories(folder);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < count; i++) {
      image(
          folder.resolve(Format.text("%02d.png", i)),
          8,
          random.nextInt(1 << 24),
          random.nextInt(4));
    }
    return folder;
  }

  /** Writes an image of so many pixels: a square of a colour on white. */
  static void image(Path file, int side, int colour, int place) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        boolean inside = x >= place && x < place + 4 && y >= place && y < place + 4;
        image.setRGB(x, y, inside ? colour : 0xFFFFFF);
      }
    }
    ImageIO.write(image, "png", file.toFile());
  }
}
