package dev.culebra.train.setup;

import dev.culebra.data.random.Mix64;
import dev.culebra.data.read.BadRows;
import dev.culebra.data.read.GroupSplit;
import dev.culebra.data.read.ImageSize;
import dev.culebra.data.read.Images;
import dev.culebra.data.read.Kept;
import dev.culebra.data.read.LabelledImage;
import dev.culebra.runtime.BadInputException;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.nio.file.Path;
import java.util.List;

/**
 * The images of a run, all in memory, parted into those to learn from and those to evaluate on.
 *
 * @param paths where they were read
 * @param images in the order of the data
 * @param left what was left out and why; empty if nothing was
 * @param files where they were read from
 */
public record DiffusionData(
    List<Path> paths, List<LabelledImage> images, String left, Images files) {

  /** What is learned from when a recipe names no data. */
  private static final String SAMPLE = "fashion-images-idx3-ubyte.gz";

  /** Reads the recipe's images. */
  public static DiffusionData read(Recipe recipe) {
    if (!recipe.get(Settings.BLEND).isEmpty() || !recipe.get(Settings.REPLAY_PATH).isEmpty()) {
      throw new BadInputException(
          "data.weights and data.replayPath are for texts and pairs: name all images in data.path");
    }
    return read(recipe, DataFiles.paths(recipe, SAMPLE), size(recipe));
  }

  /** Reads the images in some files or folders. */
  public static DiffusionData read(Recipe recipe, List<Path> paths, ImageSize size) {
    BadRows bad = RunData.badRows(recipe);
    Kept kept = new Kept();
    Images files = Images.of(paths, size, DataFiles.header(recipe));
    files.read(bad, kept);
    return new DiffusionData(List.copyOf(paths), kept.images(), bad.summary(), files);
  }

  /** What a recipe brings images to. */
  public static ImageSize size(Recipe recipe) {
    return new ImageSize(
        recipe.get(Settings.IMAGE_SIDE),
        recipe.get(Settings.IMAGE_CHANNELS),
        recipe.get(Settings.IMAGE_RESIZE));
  }

  /** How many classes the labels name; 0 if an image has none. */
  public int classes() {
    int most = -1;
    for (LabelledImage image : images) {
      if (image.label() == LabelledImage.NO_LABEL) {
        return 0;
      }
      most = Math.max(most, image.label());
    }
    return most + 1;
  }

  /** The images of a run's two sides. */
  public GroupSplit.Parts<LabelledImage> parts(Recipe recipe) {
    return new GroupSplit(recipe.get(Settings.HELD_OUT), recipe.get(Settings.SEED)).images(images);
  }

  /** Changes when a pixel, a label or the order changes. */
  public String fingerprint() {
    long hash = images.size();
    for (LabelledImage image : images) {
      hash = Mix64.of(hash, image.label());
      for (byte pixel : image.pixels()) {
        hash = hash * 31 + pixel;
      }
    }
    return Long.toHexString(Mix64.of(hash, 0));
  }
}
