package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Designs;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
      Recipe given, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    Recipe recipe = PictureSum.resolved(resume ? withStart(given, folder) : given);
    String objective = recipe.get(Settings.OBJECTIVE);
    if (!resume && (objective.equals("diffusion") || PairPlan.learns(objective))) {
      Tuning.check(recipe, List.of()); // nothing of a text is hidden
    }
    return switch (objective) {
      case "diffusion" -> DiffusionWorkload.open(recipe, device, listener);
      case String pairs when PairPlan.learns(pairs) ->
          PairPlan.workload(OpenPairs.open(recipe, folder, resume, device, listener));
      case "seq2seq" -> GivenPairsWorkload.open(recipe, folder, resume, device, listener);
      default -> ofText(begin(recipe, folder, resume, device, listener));
    };
  }

  /** A run whose start is gone takes its own model for it: a checkpoint sets all weights. */
  private static Recipe withStart(Recipe recipe, Path folder) {
    String from = recipe.get(Settings.INIT);
    Path own = folder.resolve(RunFolder.MODEL);
    boolean gone = !from.isEmpty() && !Files.isDirectory(Path.of(from));
    return gone && Files.isRegularFile(own.resolve(ModelFolder.CONFIG))
        ? recipe.with(Settings.INIT, own.toString())
        : recipe;
  }

  /** The workload of a trained model: its run's, or one that fits the model. */
  static Workload<?, ?> trained(Path folder, Device device) {
    Recipe recipe = recipe(folder);
    return switch (recipe.get(Settings.OBJECTIVE)) {
      case "diffusion" -> DiffusionWorkload.trained(recipe, folder, device);
      case String pairs when PairPlan.learns(pairs) ->
          PairPlan.workload(OpenPairs.trained(recipe, folder, device));
      case "seq2seq" -> GivenPairsWorkload.trained(recipe, folder, device);
      default -> ofText(trained(recipe, folder, device));
    };
  }

  private static Workload<?, ?> ofText(TextSetup<RunData> setup) {
    try {
      if (setup.task().kind() == TextTask.Kind.SUM) {
        return new SumWorkload(setup);
      }
      return setup.task().key().equals("electra")
          ? new ElectraWorkload(setup)
          : new TokenWorkload(setup);
    } catch (RuntimeException e) {
      setup.close();
      throw e;
    }
  }

  private static TextSetup<RunData> begin(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    TextTask task = TextTask.of(recipe);
    if (!resume) {
      Tuning.check(recipe, task.parts());
    }
    TokenModels.check(recipe, task);
    RunData data =
        resume
            ? RunData.open(recipe, folder)
            : RunData.prepare(recipe, folder, task.vocabulary(), listener);
    return TextSetup.begin(recipe, task, data, device, listener);
  }

  private static TextSetup<RunData> trained(Recipe recipe, Path folder, Device device) {
    RunData data =
        RunFolder.exists(folder)
            ? RunData.open(recipe, folder)
            : RunData.none(ModelFolder.tokenizer(Generator.modelFolder(folder)));
    return TextSetup.trained(recipe, data, folder, device);
  }

  /** The recipe of a trained model: its run's, or one that fits its family. */
  static Recipe recipe(Path folder) {
    String family = ModelFolder.type(Generator.modelFolder(folder));
    if (RunFolder.exists(folder)) { // what it started from may be gone
      Recipe recipe = PictureSum.resolved(RunInfo.read(folder).recipe(folder));
      return recipe.get(Settings.INIT).isEmpty()
          ? recipe
          : recipe
              .with(Settings.INIT, "")
              .with(Settings.FAMILY, Designs.of(Generator.modelFolder(folder)));
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
