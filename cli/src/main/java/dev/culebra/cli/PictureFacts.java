package dev.culebra.cli;

import dev.culebra.objectives.batch.PatchGrid;
import dev.culebra.objectives.corpus.BadRows;
import dev.culebra.objectives.corpus.Images;
import dev.culebra.objectives.corpus.PictureSize;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * What becomes of pictures before a model reads them.
 *
 * @param side of the square that they are brought to, in pixels
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param patch side of a patch, in pixels
 */
record PictureFacts(int side, int channels, int patch) {

  /** The sizes of a recipe. */
  static PictureFacts of(Recipe recipe) {
    return new PictureFacts(
        recipe.get(Settings.IMAGE_SIDE),
        recipe.get(Settings.IMAGE_CHANNELS),
        recipe.get(Settings.IMAGE_PATCH));
  }

  private PatchGrid grid() {
    return new PatchGrid(side, patch, channels);
  }

  /** Rows of a picture: its patches behind a class token. */
  int rows() {
    return grid().patches() + 1;
  }

  /**
   * A picture's own width and height.
   *
   * @throws BadInputException if the model could not read it
   */
  Size size(Path file) {
    PictureSize read = new PictureSize(side, channels, true);
    Images.of(List.of(file), read).read(new BadRows(0), _ -> {}); // refuses what is no image
    try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
      ImageReader reader = ImageIO.getImageReaders(in).next();
      try {
        reader.setInput(in);
        return new Size(reader.getWidth(0), reader.getHeight(0));
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw new BadInputException(file + " is a broken image: " + e.getMessage(), e);
    }
  }

  /**
   * Of a picture.
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
        "each is brought to %d x %d pixels and becomes %d patches of %d x %d x %d = %d values",
        side, side, grid().patches(), patch, patch, channels, grid().patchValues());
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
