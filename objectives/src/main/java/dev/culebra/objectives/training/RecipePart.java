package dev.culebra.objectives.training;

import dev.culebra.objectives.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One of the objectives of a recipe of text.
 *
 * @param objective what is learned
 * @param profile which variant of it the recipe's model is given
 * @param weight its probability in a mixture, its factor in a weighted sum
 */
public record RecipePart(TextObjective objective, String profile, double weight) {

  /**
   * The objectives of a recipe, in its order; one of weight 1 if it is neither a mixture nor a sum.
   *
   * @throws BadInputException if the recipe's model cannot learn them, or they do not go together
   */
  public static List<RecipePart> of(Recipe recipe) {
    TextTask task = TextTask.of(recipe);
    Tuning.check(recipe, task.parts());
    double sum = task.weights().stream().mapToDouble(weight -> weight).sum();
    double unit = task.kind() == TextTask.Kind.MIXTURE ? sum : 1;
    return IntStream.range(0, task.parts().size())
        .mapToObj(
            i -> {
              TextPlan plan = task.parts().get(i);
              return new RecipePart(plan.objective(), plan.profile(), task.weights().get(i) / unit);
            })
        .toList();
  }
}
