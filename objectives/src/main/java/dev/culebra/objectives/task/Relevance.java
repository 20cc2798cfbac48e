package dev.culebra.objectives.task;

import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.Setting;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;
import java.util.function.Predicate;

/**
 * Settings that only some objectives read.
 *
 * @param prefix how their names begin
 * @param readers who reads them, for people
 * @param isRead whether a recipe's objective does
 */
public record Relevance(String prefix, String readers, Predicate<Recipe> isRead) {

  private static final List<Relevance> ALL =
      List.of(
          new Relevance(
              "contrast.",
              "contrastive, clip, siglip, coca, and multi with one of them",
              Relevance::compares),
          new Relevance("caption.", "caption and coca", recipe -> named(recipe, "caption", "coca")),
          new Relevance("diffusion.", "diffusion", recipe -> named(recipe, "diffusion")),
          new Relevance(
              "image.",
              "diffusion, clip, siglip, caption, coca, and multi with one of them",
              Relevance::reads),
          new Relevance(
              Settings.PAIRS.key(),
              "multi and mixture with contrastive or seq2seq beside running text, where data.path"
                  + " names other data",
              Relevance::readsBeside),
          new Relevance(
              Settings.HEADER.key(),
              "pairs of texts and captions of pictures",
              recipe -> reads(recipe) || readsPairs(recipe)),
          ofPairs(Settings.SOURCE_FIELD),
          ofPairs(Settings.TARGET_FIELD),
          ofPairs(Settings.GROUP_FIELD),
          ofPairs(Settings.NEGATIVES_FIELD),
          new Relevance("mixture.", "mixture", recipe -> named(recipe, "mixture")),
          new Relevance("multi.", "multi", recipe -> named(recipe, "multi")));

  private static Relevance ofPairs(Setting<String> field) {
    return new Relevance(
        field.key(),
        "pairs of texts: contrastive, seq2seq, siglip of texts, and multi or mixture with one of"
            + " them",
        Relevance::readsPairs);
  }

  private static boolean readsPairs(Recipe recipe) {
    Recipe resolved = PictureSum.resolved(recipe);
    String objective = resolved.get(Settings.OBJECTIVE);
    if (PairPlan.learns(objective)) {
      return !PairPlan.of(resolved).pictures();
    }
    if (named(resolved, "diffusion", "electra")) {
      return false;
    }
    TextTask task = TextTask.of(resolved);
    return task.readsPairs() || task.contrast() != null;
  }

  private static boolean named(Recipe recipe, String... objectives) {
    return List.of(objectives).contains(recipe.get(Settings.OBJECTIVE));
  }

  private static boolean compares(Recipe recipe) {
    Recipe resolved = PictureSum.resolved(recipe);
    return PairPlan.learns(resolved.get(Settings.OBJECTIVE))
        ? PairPlan.contrasts(resolved)
        : named(resolved, "multi") && TextTask.of(resolved).contrast() != null;
  }

  private static boolean reads(Recipe recipe) {
    Recipe resolved = PictureSum.resolved(recipe);
    return named(resolved, "diffusion")
        || (PairPlan.learns(resolved.get(Settings.OBJECTIVE)) && PairPlan.of(resolved).pictures());
  }

  private static boolean readsBeside(Recipe recipe) {
    return named(recipe, "multi", "mixture")
        && PictureSum.resolved(recipe) == recipe
        && TextTask.of(recipe).readsBeside();
  }

  /**
   * Refuses settings of other objectives, which would change nothing.
   *
   * @throws BadInputException names the first one
   */
  public static void check(Recipe recipe) {
    for (Setting<?> setting : recipe.changed()) {
      for (Relevance each : ALL) {
        if (setting.key().startsWith(each.prefix) && !each.isRead.test(recipe)) {
          throw new BadInputException(
              Format.text(
                  "%s %s changes nothing in %s: it is for %s; leave it out",
                  setting.key(),
                  recipe.get(setting),
                  recipe.get(Settings.OBJECTIVE),
                  each.readers));
        }
      }
    }
  }
}
