package dev.culebra.cli;

import dev.culebra.runtime.BadInputException;
import dev.culebra.train.recipe.Recipe;
import java.util.List;

/** Settings given one by one: {@code --set KEY=VALUE}. */
final class Assignments {

  private Assignments() {}

  /**
   * A recipe with some settings changed.
   *
   * @throws BadInputException if one is not of the form KEY=VALUE, or its value is not allowed
   */
  static Recipe set(Recipe recipe, List<String> assignments) {
    Recipe changed = recipe;
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new BadInputException("--set takes KEY=VALUE, not '" + assignment + "'");
      }
      String key = assignment.substring(0, equals).strip();
      changed = changed.with(key, assignment.substring(equals + 1), "--set " + assignment);
    }
    return changed;
  }
}
