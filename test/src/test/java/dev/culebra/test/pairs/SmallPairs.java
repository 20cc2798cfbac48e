package dev.culebra.test.pairs;

import dev.culebra.runtime.text.Format;
import dev.culebra.test.run.SmallRun;
import dev.culebra.train.recipe.Recipe;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Pairs and models so small that a run takes a moment. */
public final class SmallPairs {

  private static final String[] THINGS = {"whale", "ship", "sea", "harpoon", "sail", "island"};
  private static final Map<String, Color> COLOURS =
      Map.of("red", Color.RED, "green", Color.GREEN, "blue", Color.BLUE, "black", Color.BLACK);

  private SmallPairs() {}

  /** A recipe over texts in a file or images in a folder, with further settings as key=value. */
  public static Recipe recipe(String objective, Path data, String... more) {
    String[] small = {
      "data.path=" + data,
      "data.heldOut=0.25",
      "tokenizer.vocabulary=300",
      "model.width=16",
      "model.layers=1",
      "model.heads=2",
      "model.context=16",
      "batch.sequences=6",
      "batch.accumulation=2",
      "schedule.steps=12",
      "schedule.warmup=2",
      "run.evaluateEvery=5",
      "run.checkpointEvery=4"
    };
    String[] images =
        Files.exists(data.resolve("captions.tsv"))
            ? new String[] {"image.side=8", "image.patch=4"}
            : new String[0];
    return SmallRun.with(
        Recipe.named(objective),
        Stream.of(small, images, more).flatMap(Stream::of).toArray(String[]::new));
  }

  /** Sentences beside descriptions, two to a group. */
  public static Path texts(Path folder) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String thing : THINGS) {
      for (String colour : new String[] {"red", "green", "blue", "black"}) {
        String group = "\t" + thing + "-" + colour + "\n";
        lines.append(Format.text("a %s %s\tit is a %s and it is %s", colour, thing, thing, colour));
        lines.append(group);
        lines.append(Format.text("we saw the %s %s\tthis %s was %s", colour, thing, thing, colour));
        lines.append(group);
      }
    }
    return Files.writeString(folder.resolve("pairs.tsv"), lines);
  }

  /** Squares and bars of some colours, with captions. */
  public static Path images(Path folder) throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    StringBuilder captions = new StringBuilder();
    for (Map.Entry<String, Color> colour :
        COLOURS.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList()) {
      for (int size = 1; size <= 8; size++) {
        String file = colour.getKey() + size + ".png";
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = image.createGraphics();
        pen.setColor(Color.WHITE);
        pen.fillRect(0, 0, 8, 8);
        pen.setColor(colour.getValue());
        pen.fillRect(0, 0, 8, size);
        pen.dispose();
        ImageIO.write(image, "png", images.resolve(file).toFile());
        captions.append(Format.text("%s\ta %s bar of %d\n", file, colour.getKey(), size));
      }
    }
    Files.writeString(images.resolve("captions.tsv"), captions);
    return images;
  }
}
