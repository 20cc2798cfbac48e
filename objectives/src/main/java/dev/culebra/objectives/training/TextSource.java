package dev.culebra.objectives.training;

import dev.culebra.objectives.batch.Blend;
import dev.culebra.objectives.corpus.DataPaths;
import dev.culebra.runtime.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text of a run that is drawn from in its own proportion.
 *
 * @param paths files and folders
 * @param weight its share of the samples, in proportion to the others'
 * @param replayed whether it is old text that a model shall not forget; it is not judged by
 */
record TextSource(List<Path> paths, double weight, boolean replayed) {

  /**
   * The sources of a recipe: all paths as one, or one for each weight, and the text that is
   * replayed.
   *
   * @throws BadInputException if the weights do not fit the paths, are negative or all 0
   */
  static List<TextSource> of(Recipe recipe) {
    List<Path> paths = Samples.paths(recipe, "moby-dick.txt");
    double[] weights = weights(recipe.get(Settings.BLEND), paths.size());
    String old = recipe.get(Settings.REPLAY_PATH);
    double share = old.isEmpty() ? 0 : recipe.get(Settings.REPLAY);
    double sum = Arrays.stream(weights).sum();
    List<TextSource> sources = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      List<Path> mine = weights.length == 1 ? paths : List.of(paths.get(i));
      sources.add(new TextSource(mine, (1 - share) * weights[i] / sum, false));
    }
    if (!old.isEmpty()) {
      sources.add(new TextSource(DataPaths.of(old), share, true));
    }
    return sources;
  }

  private static double[] weights(String given, int paths) {
    if (given.isEmpty()) {
      return new double[] {1};
    }
    double[] weights =
        Arrays.stream(given.split(",", -1)).mapToDouble(TextSource::number).toArray();
    if (weights.length != paths) {
      throw new BadInputException(
          "data.weights has %d weights for the %d paths of data.path: give one for each"
              .formatted(weights.length, paths));
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
