package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.TokenModel;
import dev.culebra.objectives.token.Tokenizer;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;

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
  static TokenModel begin(
      Recipe recipe, TextTask task, Tokenizer tokenizer, Device device, RunListener listener) {
    if (Continued.from(recipe)) {
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
    TokenModel model =
        Continued.begin(
            recipe,
            tokenizer,
            listener,
            start -> start.tokens(device, task.family(), task.heading()));
    if (recipe.get(Settings.CONTEXT) > model.context()) {
      int context = model.context();
      model.close();
      throw new BadInputException(
          "model.from %s has a context of %d, which model.context %d must not exceed"
              .formatted(recipe.get(Settings.INIT), context, recipe.get(Settings.CONTEXT)));
    }
    return model;
  }
}
