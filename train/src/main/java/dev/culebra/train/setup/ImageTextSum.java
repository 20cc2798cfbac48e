package dev.culebra.train.setup;

import dev.culebra.objectives.pairs.PairLoss;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import java.util.List;

/**
 * Weighted sums ({@code multi}) of objectives that read images and their captions: they are the
 * terms of {@code coca}, which share its towers.
 */
public final class ImageTextSum {

  private static final List<String> PARTS = List.of("clip", "siglip", "caption", "mlm");

  private ImageTextSum() {}

  /**
   * A recipe as it is, or the {@code coca} that its sum comes to.
   *
   * @throws BadInputException if parts with images stand beside others
   */
  public static Recipe resolved(Recipe recipe) {
    if (!recipe.get(Settings.OBJECTIVE).equals("multi")
        || !namesImages(recipe.get(Settings.MULTI))) {
      return recipe;
    }
    List<WeightedObjective> parts = WeightedObjective.of(recipe, Settings.MULTI);
    parts.forEach(ImageTextSum::check);
    List<WeightedObjective> contrasts = parts.stream().filter(ImageTextSum::contrasts).toList();
    if (contrasts.size() > 1) {
      throw new BadInputException(
          "multi.parts: clip and siglip compare the same embeddings; choose one of them");
    }
    Recipe coca =
        recipe
            .with(Settings.OBJECTIVE, "coca")
            .with(
                Settings.WEIGHT_CONTRASTIVE,
                contrasts.isEmpty() ? 0 : contrasts.getFirst().weight())
            .with(Settings.WEIGHT_CAPTION, weight(parts, "caption"))
            .with(Settings.WEIGHT_MASKED, weight(parts, "mlm"));
    for (WeightedObjective part : contrasts) {
      String profile = part.profile().isEmpty() ? usual(recipe, part) : part.profile();
      coca = coca.with(Settings.CONTRAST, profile);
    }
    boolean usualTexts = recipe.get(Settings.DATA).equals(Recipe.named("multi").get(Settings.DATA));
    return usualTexts ? coca.with(Settings.DATA, "") : coca;
  }

  private static boolean namesImages(String parts) {
    return parts.matches("(?:.*,)?\\s*(?:clip|siglip|caption)\\s*[:/].*");
  }

  private static boolean contrasts(WeightedObjective part) {
    return part.name().equals("clip") || part.name().equals("siglip");
  }

  private static String usual(Recipe recipe, WeightedObjective part) {
    return part.name().equals("siglip") ? "siglip" : recipe.get(Settings.CONTRAST);
  }

  private static double weight(List<WeightedObjective> parts, String name) {
    return parts.stream()
        .filter(part -> part.name().equals(name))
        .mapToDouble(WeightedObjective::weight)
        .sum();
  }

  private static void check(WeightedObjective part) {
    if (!PARTS.contains(part.name())) {
      throw new BadInputException(
          Format.text(
              "multi.parts: '%s' reads no images with captions, as the other parts do; %s can"
                  + " stand beside each other",
              part.name(), String.join(", ", PARTS)));
    }
    List<String> profiles = contrasts(part) ? PairLoss.PROFILES : List.of();
    if (!part.profile().isEmpty() && !profiles.contains(part.profile())) {
      throw new BadInputException(
          Format.text(
              "multi.parts: %s beside images has no profile '%s'; %s",
              part.name(),
              part.profile(),
              profiles.isEmpty() ? "leave it out" : "choose " + String.join(" or ", profiles)));
    }
  }
}
