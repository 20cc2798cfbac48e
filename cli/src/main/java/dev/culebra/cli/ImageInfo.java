package dev.culebra.cli;

import dev.culebra.data.batch.PatchGrid;
import dev.culebra.data.image.ImageFile;
import dev.culebra.data.image.Pixels;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What becomes of images before a model reads them.
 *
 * @param side of the square that they are brought to, in pixels
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param patch side of a patch, in pixels
 */
record ImageInfo(int side, int channels, int patch) {

  /** The sizes of a recipe. */
  static ImageInfo of(Recipe recipe) {
    return new ImageInfo(
        recipe.get(Settings.IMAGE_SIDE),
        recipe.get(Settings.IMAGE_CHANNELS),
        recipe.get(Settings.IMAGE_PATCH));
  }

  private PatchGrid grid() {
    return new PatchGrid(side, patch, channels);
  }

  /** Rows of an image: its patches behind a class token. */
  int rows() {
    return grid().patches() + 1;
  }

  /**
   * An image's own width and height, upright.
   *
   * @throws dev.culebra.runtime.BadInputException if the model could not read it
   */
  Size size(Path file) {
    Pixels pixels = ImageFile.read(file);
    return new Size(pixels.width(), pixels.height());
  }

  /**
   * Of an image.
   *
   * @param width in pixels
   * @param height in pixels
   */
  record Size(int width, int height) {
    @Override
    public String toString() {
      return width + " x " + height;
    }
  }

  /** For people. */
  String line() {
    return Format.text(
        "each is brought to %d x %d pixels and becomes %s of %d x %d x %d = %s",
        side,
        side,
        Format.count(grid().patches(), "patches"),
        patch,
        patch,
        channels,
        Format.count(grid().patchValues(), "values"));
  }

  /** For programs. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("side", side);
    map.put("channels", channels);
    map.put("patch", patch);
    map.put("patches", grid().patches());
    map.put("patch_values", grid().patchValues());
    map.put("rows", rows());
    return map;
  }
}
