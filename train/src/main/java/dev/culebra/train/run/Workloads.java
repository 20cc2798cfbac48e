package dev.culebra.train.run;

import dev.culebra.models.ModelFolder;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.Notes;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.RunInfo;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.ContrastData;
import dev.culebra.train.setup.CorruptionSetting;
import dev.culebra.train.setup.DataSource;
import dev.culebra.train.setup.ImageTextSum;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.PairObjectiveConfig;
import dev.culebra.train.setup.RunData;
import dev.culebra.train.setup.RunTokenizer;
import dev.culebra.train.setup.SettingScope;
import dev.culebra.train.setup.TrainedRecipe;
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
    Recipe recipe = ImageTextSum.resolved(resume ? withStart(given, folder) : given);
    return switch (recipe.get(Settings.OBJECTIVE)) {
      case "diffusion" -> DiffusionWorkload.open(recipe, device, listener);
      case String pairs when PairObjectiveConfig.learns(pairs) ->
          ofPairs(PairSetup.open(recipe, folder, resume, device, listener));
      default -> text(recipe, folder, resume, device, listener);
    };
  }

  /**
   * Refuses what can be told to be wrong by the recipe alone, before anything is opened, read or
   * written: settings that change nothing, objectives and designs that do not go together,
   * impossible sizes and schedules.
   *
   * @throws BadInputException names the setting
   */
  static void check(Recipe given) {
    SettingScope.check(given);
    Recipe recipe = ImageTextSum.resolved(given);
    recipe.schedule();
    DataSource.check(recipe);
    RunTokenizer.check(recipe);
    String objective = recipe.get(Settings.OBJECTIVE);
    if (objective.equals("diffusion")) {
      CorruptionSetting.check(recipe, List.of());
      DiffusionWorkload.check(recipe);
    } else if (PairObjectiveConfig.learns(objective)) {
      CorruptionSetting.check(recipe, List.of());
      PairSetup.check(recipe);
    } else {
      ObjectiveMix task = ObjectiveMix.of(recipe);
      CorruptionSetting.check(recipe, task.parts());
      TokenModels.check(recipe, task);
    }
  }

  /** The workload of an objective, on what was opened for it, which is closed if it is refused. */
  private static Workload<?, ?> ofPairs(PairSetup open) {
    Workload<?, ?> work = null;
    try {
      work = open.plan().captions() ? new CaptionWorkload(open) : new ContrastWorkload(open);
      if (work instanceof ContrastWorkload contrast) {
        contrast.check();
      } else if (open.pairs() != null) {
        work.training(); // refuses batches that cannot be, before any work is done
      }
      return work;
    } catch (RuntimeException e) {
      if (work == null) {
        open.close();
      } else {
        work.close();
      }
      throw e;
    }
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
  static Workload<?, ?> trained(Path folder, Device device) throws IOException {
    Recipe recipe = TrainedRecipe.of(folder);
    Workload<?, ?> work = trained(recipe, folder, device);
    if (RunFolder.exists(folder)) {
      String now = work.facts().fingerprint();
      String then = RunInfo.read(folder).fingerprint();
      if (!now.equals(then)) {
        work.close();
        throw new BadInputException(
            Format.text(
                "the data of the run %s have changed since it began (their fingerprint was %s and"
                    + " is %s), so what it held out is no longer known: evaluate %s on --data",
                folder, then, now, folder.resolve(RunFolder.MODEL)));
      }
    }
    return work;
  }

  private static Workload<?, ?> trained(Recipe recipe, Path folder, Device device)
      throws IOException {
    return switch (recipe.get(Settings.OBJECTIVE)) {
      case "diffusion" -> DiffusionWorkload.trained(recipe, folder, device);
      case String pairs when PairObjectiveConfig.learns(pairs) ->
          ofPairs(PairSetup.trained(recipe, folder, device));
      default -> trainedText(recipe, folder, device);
    };
  }

  private static Workload<?, ?> text(
      Recipe recipe, Path folder, boolean resume, Device device, RunListener listener)
      throws IOException {
    ObjectiveMix task = ObjectiveMix.of(recipe);
    TokenModels.check(recipe, task);
    ContrastData compared =
        task.contrast() == null ? null : PairSetup.texts(task.contrast().recipe(), listener);
    RunData data =
        resume
            ? RunData.open(recipe, folder, task, listener::note)
            : RunData.prepare(
                recipe, folder, task, compared == null ? _ -> {} : compared::texts, listener::note);
    return ofText(
        TextSetup.begin(recipe, task, data, device, listener), compared, device, listener);
  }

  private static Workload<?, ?> trainedText(Recipe recipe, Path folder, Device device)
      throws IOException {
    ObjectiveMix task = ObjectiveMix.of(recipe);
    boolean run = RunFolder.exists(folder);
    RunListener quiet = new RunListener() {};
    ContrastData compared =
        run && task.contrast() != null ? PairSetup.texts(task.contrast().recipe(), quiet) : null;
    RunData data =
        run
            ? RunData.open(recipe, folder, task, Notes::tell)
            : RunData.none(ModelFolder.tokenizer(RunFolder.modelIn(folder)));
    return ofText(TextSetup.trained(recipe, task, data, folder, device), compared, device, quiet);
  }

  private static Workload<?, ?> ofText(
      TextSetup setup, ContrastData compared, Device device, RunListener listener) {
    ContrastWorkload contrast = null;
    Workload<?, ?> work = null;
    try {
      ObjectiveMix task = setup.task();
      setup.tellCut(listener);
      if (task.contrast() != null) {
        contrast =
            new ContrastWorkload(
                PairSetup.beside(task.contrast().recipe(), setup, compared, device, listener));
        contrast.check();
      }
      work =
          switch (task.kind()) {
            case SUM -> new SumWorkload(setup, contrast);
            default ->
                task.key().equals("electra")
                    ? new ElectraWorkload(setup)
                    : new TokenWorkload(setup);
          };
      return work;
    } finally {
      if (work == null) {
        if (contrast != null) {
          contrast.close();
        }
        setup.close();
      }
    }
  }
}
