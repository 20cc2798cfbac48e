package dev.culebra.train.setup;

import dev.culebra.data.batch.Blend;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Data of a run that is drawn from in its own proportion.
 *
 * @param paths files and folders
 * @param weight its share of the samples, in proportion to the others'
 * @param replayed whether it is old data that a model shall not forget; it is not judged by
 */
public record DataSource(List<Path> paths, double weight, boolean replayed) {

  /**
   * The sources of a recipe: all paths as one, or one for each weight, and what is replayed.
   *
   * @param sample what ships that is used when the recipe names no data
   * @throws BadInputException if the weights do not fit the paths, are negative or all 0
   */
  public static List<DataSource> of(Recipe recipe, String sample) {
    List<Path> paths = DataFiles.paths(recipe, sample);
    double[] weights = weights(recipe.get(Settings.BLEND), paths.size());
    String old = recipe.get(Settings.REPLAY_PATH);
    double share = old.isEmpty() ? 0 : recipe.get(Settings.REPLAY);
    double sum = Arrays.stream(weights).sum();
    List<DataSource> sources = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      List<Path> mine = weights.length == 1 ? paths : List.of(paths.get(i));
      sources.add(new DataSource(mine, (1 - share) * weights[i] / sum, false));
    }
    if (!old.isEmpty()) {
      sources.add(new DataSource(DataFiles.named(old), share, true));
    }
    return sources;
  }

  /** Refuses weights that do not fit the paths of a recipe, before any work is done. */
  public static void check(Recipe recipe) {
    String data = recipe.get(Settings.DATA);
    var _ = weights(recipe.get(Settings.BLEND), data.isEmpty() ? 1 : DataFiles.named(data).size());
  }

  /** All of one file or folder. */
  public static DataSource of(Path path) {
    return new DataSource(List.of(path), 1, false);
  }

  /** Each source's share of the samples. */
  static double[] weights(List<DataSource> sources) {
    return sources.stream().mapToDouble(DataSource::weight).toArray();
  }

  /**
   * A note for people.
   *
   * @param what is there
   */
  String described(String what) {
    return Format.text("data        %s: %s", DataFiles.described(paths), what);
  }

  /** The same with its share of the samples. */
  String shared(String what) {
    return Format.text(
        "%s, %.1f %% of the samples%s",
        described(what), 100 * weight, replayed ? ", replayed" : "");
  }

  private static double[] weights(String given, int paths) {
    if (given.isEmpty()) {
      return new double[] {1};
    }
    double[] weights =
        Arrays.stream(given.split(",", -1)).mapToDouble(DataSource::number).toArray();
    if (weights.length != paths) {
      throw new BadInputException(
          Format.text(
              "data.weights has %d weights for the %d paths of data.path: give one for each",
              weights.length, paths));
    }
    var _ = new Blend(weights); // refuses what is no proportion
    return weights;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new BadInputException(
          "data.weights: '" + text.strip() + "' is not a number; give one per path, as in 0.7,0.3",
          e);
    }
  }
}
