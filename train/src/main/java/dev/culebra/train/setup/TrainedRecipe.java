package dev.culebra.train.setup;

import dev.culebra.models.ModelFolder;
import dev.culebra.models.ModelType;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.RunInfo;
import dev.culebra.train.recipe.Settings;
import java.nio.file.Path;

/** The recipe of a trained model: its run's, or one that fits its family. */
public final class TrainedRecipe {

  private TrainedRecipe() {}

  /** The recipe of the model in a run's folder or a model folder. */
  public static Recipe of(Path folder) {
    String family = ModelFolder.type(RunFolder.modelIn(folder));
    if (RunFolder.exists(folder)) { // what it started from may be gone
      Recipe recipe = ImageTextSum.resolved(RunInfo.read(folder).recipe(folder));
      return recipe.get(Settings.INIT).isEmpty()
          ? recipe
          : recipe
              .with(Settings.INIT, "")
              .with(Settings.FAMILY, ModelType.of(RunFolder.modelIn(folder)));
    }
    Recipe usual = Recipe.named(usual(family));
    return family.equals("gpt2") || family.equals("llama")
        ? usual.with(Settings.FAMILY, family)
        : usual;
  }

  /** The objective by which a model of a family is judged that has no run. */
  private static String usual(String family) {
    return switch (family) {
      case "bert" -> "mlm";
      case "dual-bert" -> "contrastive";
      case "clip", "vision-text-dual-encoder" -> "clip";
      case "electra" -> "electra";
      case "t5" -> "span-corruption";
      case "bart" -> "denoising";
      case "DiTTransformer2DModel" -> "diffusion";
      default -> "clm";
    };
  }
}
