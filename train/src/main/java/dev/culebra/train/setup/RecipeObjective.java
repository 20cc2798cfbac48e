package dev.culebra.train.setup;

import dev.culebra.data.random.RandomSource;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.objectives.text.corruption.Documents;
import dev.culebra.objectives.text.corruption.Example;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * One of the objectives of a recipe of text.
 *
 * @param objective what is learned
 * @param profile which variant of it the recipe's model is given
 * @param weight its probability in a mixture, its factor in a weighted sum
 * @param sampler what is done to texts
 */
public record RecipeObjective(
    TextObjective objective, String profile, double weight, Sampler sampler) {

  /** Makes the sample of the first of some texts. */
  @FunctionalInterface
  public interface Sampler {
    Example sample(SpecialTokens specials, Documents texts, RandomSource draws);
  }

  /**
   * The objectives of a recipe, in its order; one of weight 1 if it is neither a mixture nor a sum.
   *
   * @throws BadInputException if the recipe's model cannot learn them, or they do not go together
   */
  public static List<RecipeObjective> of(Recipe recipe) {
    if (ImageTextSum.resolved(recipe) != recipe) {
      throw new BadInputException(
          Format.text(
              "multi.parts %s reads images with captions, not a text alone: it is coca with these"
                  + " weights",
              recipe.get(Settings.MULTI)));
    }
    ObjectiveMix task = ObjectiveMix.of(recipe);
    CorruptionSetting.check(recipe, task.parts());
    double sum = task.weights().stream().mapToDouble(weight -> weight).sum();
    double unit = task.kind() == ObjectiveMix.Kind.MIXTURE ? sum : 1;
    return IntStream.range(0, task.parts().size())
        .mapToObj(
            i -> {
              TextObjectiveConfig plan = task.parts().get(i);
              double weight = task.weights().get(i) / unit;
              return new RecipeObjective(
                  plan.objective(),
                  plan.profile(),
                  weight,
                  (specials, texts, draws) -> sample(recipe, plan, specials, texts, draws));
            })
        .toList();
  }

  /** The weight of {@code contrastive} in a sum, which is beside these parts. */
  public static OptionalDouble contrast(Recipe recipe) {
    ObjectiveMix.Contrast contrast = ObjectiveMix.of(recipe).contrast();
    return contrast == null ? OptionalDouble.empty() : OptionalDouble.of(contrast.weight());
  }

  private static Example sample(
      Recipe recipe,
      TextObjectiveConfig plan,
      SpecialTokens specials,
      Documents texts,
      RandomSource draws) {
    TextObjective objective = plan.objective();
    if (plan.asksPairs()) {
      return objective.sample(plan.pairRows(recipe, specials), texts, draws);
    }
    return objective.pairsTexts()
        ? objective.sample(plan.profile(), specials, texts, draws)
        : plan.corruption(recipe, specials).corrupt(texts.text(0), draws);
  }

  /** An objective by itself, as one of its profiles has it. */
  public static RecipeObjective of(TextObjective objective, String profile) {
    return new RecipeObjective(
        objective,
        profile,
        1,
        (specials, texts, draws) -> objective.sample(profile, specials, texts, draws));
  }

  /**
   * The sample that the recipe makes of the first of some texts; objectives that set texts in pairs
   * take the others beside it.
   */
  public Example sample(SpecialTokens specials, Documents texts, RandomSource draws) {
    return sampler.sample(specials, texts, draws);
  }
}
