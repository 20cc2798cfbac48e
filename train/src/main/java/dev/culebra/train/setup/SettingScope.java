package dev.culebra.train.setup;

import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Setting;
import dev.culebra.train.recipe.Settings;
import java.util.List;
import java.util.function.Predicate;

/**
 * Settings that only some objectives read.
 *
 * @param prefix how their names begin
 * @param readers who reads them, for people
 * @param isRead whether a recipe's objective does
 */
public record SettingScope(String prefix, String readers, Predicate<Recipe> isRead) {

  private static final List<SettingScope> ALL =
      List.of(
          new SettingScope(
              "contrast.",
              "contrastive, clip, siglip, coca, and multi with one of them",
              SettingScope::compares),
          new SettingScope(
              "caption.", "caption and coca", recipe -> named(recipe, "caption", "coca")),
          new SettingScope("diffusion.", "diffusion", recipe -> named(recipe, "diffusion")),
          new SettingScope(
              "image.",
              "diffusion, clip, siglip, caption, coca, and multi with one of them",
              SettingScope::reads),
          new SettingScope(
              Settings.PAIRS.key(),
              "multi and mixture with contrastive or seq2seq beside running text, where data.path"
                  + " names other data",
              SettingScope::readsBeside),
          new SettingScope(
              Settings.HEADER.key(),
              "pairs of texts and captions of images",
              recipe -> reads(recipe) || readsPairs(recipe)),
          ofPairs(Settings.SOURCE_FIELD),
          ofPairs(Settings.TARGET_FIELD),
          ofPairs(Settings.GROUP_FIELD),
          ofPairs(Settings.NEGATIVES_FIELD),
          new SettingScope("mixture.", "mixture", recipe -> named(recipe, "mixture")),
          new SettingScope("multi.", "multi", recipe -> named(recipe, "multi")));

  private static SettingScope ofPairs(Setting<String> field) {
    return new SettingScope(
        field.key(),
        "pairs of texts: contrastive, seq2seq, siglip of texts, and multi or mixture with one of"
            + " them",
        SettingScope::readsPairs);
  }

  private static boolean readsPairs(Recipe recipe) {
    Recipe resolved = ImageTextSum.resolved(recipe);
    String objective = resolved.get(Settings.OBJECTIVE);
    if (PairObjectiveConfig.learns(objective)) {
      return !PairObjectiveConfig.of(resolved).images();
    }
    if (named(resolved, "diffusion", "electra")) {
      return false;
    }
    ObjectiveMix task = ObjectiveMix.of(resolved);
    return task.readsPairs() || task.contrast() != null;
  }

  private static boolean named(Recipe recipe, String... objectives) {
    return List.of(objectives).contains(recipe.get(Settings.OBJECTIVE));
  }

  private static boolean compares(Recipe recipe) {
    Recipe resolved = ImageTextSum.resolved(recipe);
    return PairObjectiveConfig.learns(resolved.get(Settings.OBJECTIVE))
        ? PairObjectiveConfig.contrasts(resolved)
        : named(resolved, "multi") && ObjectiveMix.of(resolved).contrast() != null;
  }

  private static boolean reads(Recipe recipe) {
    Recipe resolved = ImageTextSum.resolved(recipe);
    return named(resolved, "diffusion")
        || (PairObjectiveConfig.learns(resolved.get(Settings.OBJECTIVE))
            && PairObjectiveConfig.of(resolved).images());
  }

  private static boolean readsBeside(Recipe recipe) {
    return named(recipe, "multi", "mixture")
        && ImageTextSum.resolved(recipe) == recipe
        && ObjectiveMix.of(recipe).readsBeside();
  }

  /**
   * Refuses settings of other objectives, which would change nothing.
   *
   * @throws BadInputException names the first one
   */
  public static void check(Recipe recipe) {
    for (Setting<?> setting : recipe.changed()) {
      for (SettingScope each : ALL) {
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
