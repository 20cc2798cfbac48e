package dev.culebra.train.setup;

import dev.culebra.data.random.Probabilities;
import dev.culebra.runtime.BadInputException;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * One of several objectives of a recipe, as {@code name:weight} or {@code name/profile:weight}.
 *
 * @param name of the objective
 * @param profile of the objective; empty for its usual one
 * @param weight a probability or a factor
 */
record WeightedObjective(String name, String profile, double weight) {

  /**
   * The parts of a setting.
   *
   * @throws BadInputException if there is none, one is misspelt or named twice, or the weights
   *     cannot be
   */
  static List<WeightedObjective> of(Recipe recipe, Setting<String> setting) {
    String given = recipe.get(setting);
    String key = setting.key();
    if (given.isBlank()) {
      throw new BadInputException(
          key + " is empty: name objectives with weights, as in mlm:0.5,nsp:0.5");
    }
    List<WeightedObjective> parts =
        Arrays.stream(given.split(",", -1)).map(part -> one(key, part)).toList();
    if (parts.stream().map(WeightedObjective::name).distinct().count() < parts.size()) {
      throw new BadInputException(key + " " + given + " names an objective twice");
    }
    try {
      var _ = new Probabilities(parts.stream().mapToDouble(WeightedObjective::weight).toArray());
    } catch (BadInputException e) {
      throw new BadInputException(key + ": " + e.getMessage(), e);
    }
    return parts;
  }

  private static WeightedObjective one(String key, String part) {
    String[] sides = part.split(":", -1);
    String[] names = sides[0].split("/", -1);
    if (sides.length != 2 || names.length > 2) {
      throw new BadInputException(
          key
              + ": '"
              + part.strip()
              + "' is not of the form objective:weight, as in mlm:0.5, or"
              + " objective/profile:weight");
    }
    String profile = names.length == 2 ? names[1].strip() : "";
    return new WeightedObjective(names[0].strip(), profile, weight(key, part, sides[1]));
  }

  private static double weight(String key, String part, String given) {
    try {
      return Double.parseDouble(given.strip());
    } catch (NumberFormatException e) {
      throw new BadInputException(
          key + ": '" + part.strip() + "' has no number behind the colon", e);
    }
  }
}
