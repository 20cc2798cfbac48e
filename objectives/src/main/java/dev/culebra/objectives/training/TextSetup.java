package dev.culebra.objectives.training;

import dev.culebra.objectives.architecture.Model.TokenIds;
import dev.culebra.objectives.architecture.ModelFolder;
import dev.culebra.objectives.architecture.TokenModel;
import dev.culebra.objectives.corruption.Special;
import dev.culebra.objectives.corruption.SpecialTokens;
import dev.culebra.objectives.corruption.Text;
import dev.culebra.objectives.corruption.TextMarks;
import dev.culebra.runtime.device.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What all workloads of text share: a task, its data, and a model. Closing it frees data and model.
 *
 * @param mark finds words and sentences
 */
record TextSetup<D extends TextData>(
    Recipe recipe,
    TextTask task,
    D data,
    SpecialTokens specials,
    Function<int[], Text> mark,
    TokenModel model)
    implements AutoCloseable {

  /** Makes or loads the model beside some data. */
  private interface Making {
    TokenModel model();
  }

  /** The setup of a run; closes the data if there is no model to be had. */
  static <D extends TextData> TextSetup<D> begin(
      Recipe recipe, TextTask task, D data, Device device, RunListener listener) {
    return with(
        recipe,
        task,
        data,
        () -> TokenModels.begin(recipe, task, data.tokenizer(), device, listener));
  }

  /**
   * The setup of a trained model; closes the data if the model cannot be read.
   *
   * @param folder of the run or the model
   */
  static <D extends TextData> TextSetup<D> trained(
      Recipe recipe, D data, Path folder, Device device) {
    String key = recipe.get(Settings.OBJECTIVE);
    TextSetup<D> setup =
        with(
            recipe,
            TextTask.of(recipe),
            data,
            () -> ModelFolder.load(Generator.modelFolder(folder), device, TokenModel.class, key));
    int context = Math.min(recipe.get(Settings.CONTEXT), setup.model.context());
    Recipe fitted = recipe.with(Settings.CONTEXT, context);
    return new TextSetup<>(fitted, setup.task, data, setup.specials, setup.mark, setup.model);
  }

  private static <D extends TextData> TextSetup<D> with(
      Recipe recipe, TextTask task, D data, Making making) {
    TokenModel model = null;
    try {
      SpecialTokens specials = SpecialTokens.in(data.tokenizer(), task.sentinels());
      Function<int[], Text> mark =
          task.vocabulary().specials() ? TextMarks.of(data.tokenizer())::text : Text::of;
      model = making.model();
      return new TextSetup<>(recipe, task, data, specials, mark, model);
    } finally {
      if (model == null) {
        data.close();
      }
    }
  }

  /** The batches of running text. */
  TextSamples samples() {
    return new TextSamples(recipe, task, specials, mark);
  }

  /** Bytes that a chunk of logits may take. */
  long logitsBudget() {
    return (long) recipe.get(Settings.LOGITS_BUDGET) << 20;
  }

  /** Writes the model's folder. */
  void save(Path folder, Device device) throws IOException {
    TokenIds ids =
        task.vocabulary().specials()
            ? new TokenIds(
                specials.id(Special.BEGIN), specials.id(Special.END), specials.id(Special.PAD))
            : TokenIds.ending(data.tokenizer().endOfText());
    ModelFolder.save(folder, device, model, ids, data.tokenizerFile());
  }

  @Override
  public void close() {
    model.close();
    data.close();
  }
}
