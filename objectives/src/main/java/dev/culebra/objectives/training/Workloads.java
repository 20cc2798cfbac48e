package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the workload of a recipe. */
final class Workloads {

  private Workloads() {}

  /**
   * The workload of a run.
   *
   * @param folder the run's folder
   * @param resume whether the data lies there already
   */
  static Workload<?, ?> open(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    if (recipe.get(Settings.OBJECTIVE).equals("diffusion")) {
      return DiffusionWorkload.open(recipe, device, listener);
    }
    return PairPlan.learns(recipe.get(Settings.OBJECTIVE))
        ? PairPlan.workload(OpenPairs.open(recipe, folder, resume, device, listener))
        : TokenWorkload.open(recipe, folder, resume, device, listener);
  }

  /** The workload of a trained model: its run's, or one that fits the model. */
  static Workload<?, ?> trained(Path folder, Device device) {
    Recipe recipe =
        RunFolder.exists(folder)
            ? RunInfo.read(folder).recipe(folder)
            : Recipe.named(usual(ModelFolder.type(Generator.modelFolder(folder))));
    if (recipe.get(Settings.OBJECTIVE).equals("diffusion")) {
      return DiffusionWorkload.trained(recipe, folder, device);
    }
    return PairPlan.learns(recipe.get(Settings.OBJECTIVE))
        ? PairPlan.workload(OpenPairs.trained(recipe, folder, device))
        : TokenWorkload.trained(recipe, folder, device);
  }

  /** The objective by which a model of a family is judged that has no run. */
  private static String usual(String family) {
    return switch (family) {
      case "bert" -> "mlm";
      case "dual-bert" -> "contrastive";
      case "clip" -> "clip";
      case "t5" -> "span-corruption";
      case "bart" -> "denoising";
      case "dit" -> "diffusion";
      default -> "clm";
    };
  }
}
