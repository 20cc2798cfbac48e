package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.DualEncoder;
import dev.culebra.objectives.architecture.EncoderShape;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.architecture.TextEncoders;
import dev.culebra.objectives.architecture.TokenModel;
import dev.culebra.objectives.architecture.TrainedStart;
import dev.culebra.objectives.recipe.Recipe;
import dev.culebra.objectives.recipe.RunFolder;
import dev.culebra.objectives.recipe.Settings;
import dev.culebra.objectives.task.Continued;
import dev.culebra.objectives.task.ModelPlan;
import dev.culebra.objectives.task.TextTask;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import java.nio.file.Path;

/** The model of tokens that a run begins with: new, or trained before. */
final class TokenModels {

  private TokenModels() {}

  /** Refuses impossible sizes of a new model before any work is done. */
  static void check(Recipe recipe, TextTask task) {
    if (!Continued.from(recipe)) {
      ModelPlan.of(recipe, task.family(), recipe.get(Settings.VOCABULARY), task.heading());
    }
  }

  /**
   * The model of a run.
   *
   * @param tokenizer the run's
   * @throws BadInputException if {@code model.from} does not fit
   */
  static TextModel begin(
      Recipe recipe, TextTask task, Tokenizer tokenizer, Device device, RunListener listener) {
    if (Continued.from(recipe)) {
      return continued(recipe, task, tokenizer, device, listener);
    }
    TextModel model = made(recipe, task, tokenizer.vocabularySize(), device);
    model.whole().parameters().initialize(recipe.get(Settings.SEED));
    return model;
  }

  private static TextModel made(Recipe recipe, TextTask task, int vocabulary, Device device) {
    if (task.contrast() == null) {
      ModelPlan plan = ModelPlan.of(recipe, task.family(), vocabulary, task.heading());
      return TextModel.of(plan.build().apply(device));
    }
    EncoderShape shape = ModelPlan.encoder(recipe, vocabulary, task.heading());
    return TextModel.of(new TextEncoders(device, shape, true, logits(task)));
  }

  private static DualEncoder.Start logits(TextTask task) {
    return task.contrast().plan().loss().start();
  }

  /** The model of a trained run, or one that fits a task. */
  static TextModel trained(Recipe recipe, TextTask task, Path folder, Device device) {
    Path place = RunFolder.modelIn(folder);
    String key = recipe.get(Settings.OBJECTIVE);
    return task.contrast() == null
        ? TextModel.of(ModelFolder.load(place, device, TokenModel.class, key))
        : TextModel.of(ModelFolder.load(place, device, TextEncoders.class, key));
  }

  private static TextModel begun(TrainedStart start, TextTask task, Device device) {
    return task.contrast() == null
        ? TextModel.of(start.tokens(device, task.family(), task.heading()))
        : TextModel.of(start.texts(device, false, task.heading(), logits(task)));
  }

  private static TextModel continued(
      Recipe recipe, TextTask task, Tokenizer tokenizer, Device device, RunListener listener) {
    TextModel model =
        Continued.begin(recipe, tokenizer, listener::note, start -> begun(start, task, device));
    int context = model.tokens().context();
    if (recipe.get(Settings.CONTEXT) > context) {
      model.whole().close();
      throw new BadInputException(
          Format.text(
              "model.from %s has a context of %d, which model.context %d must not exceed",
              recipe.get(Settings.INIT), context, recipe.get(Settings.CONTEXT)));
    }
    return model;
  }
}
