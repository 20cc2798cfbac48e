package dev.culebra.objectives.data;

import dev.culebra.objectives.batch.GroupSplit;
import dev.culebra.objectives.corpus.BadRows;
import dev.culebra.objectives.corpus.Images;
import dev.culebra.objectives.corpus.Picture;
import dev.culebra.objectives.corpus.PictureSize;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.objectives.token.Mix64;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.List;

/**
 * The images of a run, all in memory, parted into those to learn from and those to judge by.
 *
 * @param paths where they were read
 * @param pictures in the order of the data
 * @param left what was left out and why; empty if nothing was
 * @param images where they were read from
 */
public record DiffusionData(List<Path> paths, List<Picture> pictures, String left, Images images) {

  /** What is learned from when a recipe names no data. */
  private static final String SAMPLE = "fashion-images-idx3-ubyte.gz";

  /** Reads the recipe's images. */
  public static DiffusionData read(Recipe recipe) {
    if (!recipe.get(Settings.BLEND).isEmpty() || !recipe.get(Settings.REPLAY_PATH).isEmpty()) {
      throw new BadInputException(
          "data.weights and data.replayPath are for texts and pairs: name all images in data.path");
    }
    return read(recipe, Samples.paths(recipe, SAMPLE), size(recipe));
  }

  /** Reads the images in some files or folders. */
  public static DiffusionData read(Recipe recipe, List<Path> paths, PictureSize size) {
    BadRows bad = RunData.badRows(recipe);
    Kept kept = new Kept();
    Images images = Images.of(paths, size, Samples.header(recipe));
    images.read(bad, kept);
    return new DiffusionData(List.copyOf(paths), kept.pictures(), bad.summary(), images);
  }

  /** What a recipe brings images to. */
  public static PictureSize size(Recipe recipe) {
    return new PictureSize(
        recipe.get(Settings.IMAGE_SIDE),
        recipe.get(Settings.IMAGE_CHANNELS),
        recipe.get(Settings.IMAGE_RESIZE));
  }

  /** How many classes the labels name; 0 if an image has none. */
  public int classes() {
    int most = -1;
    for (Picture picture : pictures) {
      if (picture.label() == Picture.NO_LABEL) {
        return 0;
      }
      most = Math.max(most, picture.label());
    }
    return most + 1;
  }

  /** The images of a run's two sides. */
  public GroupSplit.Parts<Picture> parts(Recipe recipe) {
    return new GroupSplit(recipe.get(Settings.HELD_OUT), recipe.get(Settings.SEED))
        .pictures(pictures);
  }

  /** Changes when a pixel, a label or the order changes. */
  public String fingerprint() {
    long hash = pictures.size();
    for (Picture picture : pictures) {
      hash = Mix64.of(hash, picture.label());
      for (byte pixel : picture.pixels()) {
        hash = hash * 31 + pixel;
      }
    }
    return Long.toHexString(Mix64.of(hash, 0));
  }
}
