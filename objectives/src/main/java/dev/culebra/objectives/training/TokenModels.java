package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.architecture.TokenModel;
import dev.culebra.objectives.architecture.TrainedStart;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.objectives.token.Tokenizers;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import java.nio.file.Path;

/** The model of tokens that a run begins with: new, or trained before. */
final class TokenModels {

  private TokenModels() {}

  /** Refuses impossible sizes of a new model before any work is done. */
  static void check(Recipe recipe, TextTask task) {
    if (recipe.get(Settings.INIT).isEmpty()) {
      ModelPlan.of(recipe, task.family(), recipe.get(Settings.VOCABULARY), task.heading());
    }
  }

  /**
   * The model of a run.
   *
   * @param tokenizer the run's
   * @throws BadInputException if {@code model.from} does not fit
   */
  static TokenModel begin(
      Recipe recipe, TextTask task, Tokenizer tokenizer, Device device, RunListener listener) {
    String from = recipe.get(Settings.INIT);
    if (!from.isEmpty()) {
      return continued(recipe, task, tokenizer, device, listener);
    }
    TokenModel model =
        ModelPlan.of(recipe, task.family(), tokenizer.vocabularySize(), task.heading())
            .build()
            .apply(device);
    model.parameters().initialize(recipe.get(Settings.SEED));
    return model;
  }

  private static TokenModel continued(
      Recipe recipe, TextTask task, Tokenizer tokenizer, Device device, RunListener listener) {
    String from = recipe.get(Settings.INIT);
    Path folder = Generator.modelFolder(Path.of(from));
    TokenModel model;
    try (Tokenizer before = Tokenizers.load(ModelFolder.tokenizer(folder))) {
      TrainedStart start =
          new TrainedStart(
              tokenizer.vocabularySize(),
              id -> before.id(tokenizer.token(id)).orElse(TrainedStart.NEW),
              task.heading(),
              recipe.get(Settings.SEED),
              listener::note);
      model = start.load(folder, device, task.key());
    }
    BadInputException refused = refusal(recipe, task, from, model);
    if (refused != null) {
      model.close();
      throw refused;
    }
    return model;
  }

  private static BadInputException refusal(
      Recipe recipe, TextTask task, String from, TokenModel model) {
    if (model.arrangement() != task.arrangement()) {
      return new BadInputException(
          "model.from %s holds a model of the kind %s, but %s with model.family %s needs the kind %s: choose another objective or family"
              .formatted(from, model.arrangement(), task.key(), task.family(), task.arrangement()));
    }
    if (recipe.get(Settings.CONTEXT) > model.context()) {
      return new BadInputException(
          "model.from %s has a context of %d, which model.context %d must not exceed"
              .formatted(from, model.context(), recipe.get(Settings.CONTEXT)));
    }
    return null;
  }
}
