package dev.culebra.objectives.task;

import dev.culebra.objectives.objective.PairLoss;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.text.Format;
import java.util.List;

/**
 * Weighted sums ({@code multi}) of objectives that read pictures and their captions: they are the
 * terms of {@code coca}, which share its towers.
 */
public final class PictureSum {

  private static final List<String> PARTS = List.of("clip", "siglip", "caption", "mlm");

  private PictureSum() {}

  /**
   * A recipe as it is, or the {@code coca} that its sum comes to.
   *
   * @throws BadInputException if parts with pictures stand beside others
   */
  public static Recipe resolved(Recipe recipe) {
    if (!recipe.get(Settings.OBJECTIVE).equals("multi")
        || !namesPictures(recipe.get(Settings.MULTI))) {
      return recipe;
    }
    List<Part> parts = Part.of(recipe, Settings.MULTI);
    parts.forEach(PictureSum::check);
    List<Part> contrasts = parts.stream().filter(PictureSum::contrasts).toList();
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
    for (Part part : contrasts) {
      String profile = part.profile().isEmpty() ? usual(recipe, part) : part.profile();
      coca = coca.with(Settings.CONTRAST, profile);
    }
    boolean usualTexts = recipe.get(Settings.DATA).equals(Recipe.named("multi").get(Settings.DATA));
    return usualTexts ? coca.with(Settings.DATA, "") : coca;
  }

  private static boolean namesPictures(String parts) {
    return parts.matches("(?:.*,)?\\s*(?:clip|siglip|caption)\\s*[:/].*");
  }

  private static boolean contrasts(Part part) {
    return part.name().equals("clip") || part.name().equals("siglip");
  }

  private static String usual(Recipe recipe, Part part) {
    return part.name().equals("siglip") ? "siglip" : recipe.get(Settings.CONTRAST);
  }

  private static double weight(List<Part> parts, String name) {
    return parts.stream().filter(part -> part.name().equals(name)).mapToDouble(Part::weight).sum();
  }

  private static void check(Part part) {
    if (!PARTS.contains(part.name())) {
      throw new BadInputException(
          Format.text(
              "multi.parts: '%s' reads no pictures with captions, as the other parts do; %s can"
                  + " stand beside each other",
              part.name(), String.join(", ", PARTS)));
    }
    List<String> profiles = contrasts(part) ? PairLoss.PROFILES : List.of();
    if (!part.profile().isEmpty() && !profiles.contains(part.profile())) {
      throw new BadInputException(
          Format.text(
              "multi.parts: %s beside pictures has no profile '%s'; %s",
              part.name(),
              part.profile(),
              profiles.isEmpty() ? "leave it out" : "choose " + String.join(" or ", profiles)));
    }
  }
}
