package dev.culebra.train.run;

import dev.culebra.data.token.Tokenizer;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.PretrainedModel;
import dev.culebra.models.bert.EncoderShape;
import dev.culebra.models.dual.DualEncoder;
import dev.culebra.models.dual.TextEncoders;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.runtime.BadInputException;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.RunFolder;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.ModelFactory;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.Pretrained;
import java.nio.file.Path;

/** The model of tokens that a run begins with: new, or trained before. */
final class TokenModels {

  private TokenModels() {}

  /** Refuses impossible sizes of a new model before any work is done. */
  static void check(Recipe recipe, ObjectiveMix task) {
    if (!Pretrained.from(recipe)) {
      ModelFactory.of(recipe, task.family(), recipe.get(Settings.VOCABULARY), task.head());
    }
  }

  /**
   * The model of a run.
   *
   * @param tokenizer the run's
   * @throws BadInputException if {@code model.from} does not fit
   */
  static TextModel begin(
      Recipe recipe, ObjectiveMix task, Tokenizer tokenizer, Device device, RunListener listener) {
    if (Pretrained.from(recipe)) {
      return continued(recipe, task, tokenizer, device, listener);
    }
    TextModel model = made(recipe, task, tokenizer.vocabularySize(), device);
    model.whole().parameters().initialize(recipe.get(Settings.SEED));
    return model;
  }

  private static TextModel made(Recipe recipe, ObjectiveMix task, int vocabulary, Device device) {
    if (task.contrast() == null) {
      ModelFactory plan = ModelFactory.of(recipe, task.family(), vocabulary, task.head());
      return TextModel.of(plan.build().apply(device));
    }
    EncoderShape shape = ModelFactory.encoder(recipe, vocabulary, task.head());
    return TextModel.of(new TextEncoders(device, shape, true, logits(task)));
  }

  private static DualEncoder.Start logits(ObjectiveMix task) {
    return task.contrast().plan().loss().start();
  }

  /** The model of a trained run, or one that fits a task. */
  static TextModel trained(Recipe recipe, ObjectiveMix task, Path folder, Device device) {
    Path place = RunFolder.modelIn(folder);
    String key = recipe.get(Settings.OBJECTIVE);
    return task.contrast() == null
        ? TextModel.of(ModelFolder.load(place, device, TokenModel.class, key))
        : TextModel.of(ModelFolder.load(place, device, TextEncoders.class, key));
  }

  private static TextModel begun(PretrainedModel start, ObjectiveMix task, Device device) {
    return task.contrast() == null
        ? TextModel.of(start.tokens(device, task.family(), task.head()))
        : TextModel.of(start.texts(device, false, task.head(), logits(task)));
  }

  private static TextModel continued(
      Recipe recipe, ObjectiveMix task, Tokenizer tokenizer, Device device, RunListener listener) {
    TextModel model =
        Pretrained.begin(recipe, tokenizer, listener::note, start -> begun(start, task, device));
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
