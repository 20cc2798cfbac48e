package dev.culebra.train.run;

import dev.culebra.data.token.Special;
import dev.culebra.data.token.SpecialTokens;
import dev.culebra.data.token.Text;
import dev.culebra.data.token.TextMarks;
import dev.culebra.models.ModelFolder;
import dev.culebra.models.nn.Model.TokenIds;
import dev.culebra.models.nn.TokenModel;
import dev.culebra.models.nn.TokenModel.Architecture;
import dev.culebra.objectives.text.corruption.TextObjective;
import dev.culebra.runtime.device.Device;
import dev.culebra.runtime.text.Format;
import dev.culebra.train.recipe.Recipe;
import dev.culebra.train.recipe.Settings;
import dev.culebra.train.setup.EmbeddingFolder;
import dev.culebra.train.setup.ObjectiveMix;
import dev.culebra.train.setup.RunData;
import dev.culebra.train.setup.TextDataset;
import dev.culebra.train.setup.WrittenTokens;
import dev.culebra.train.setup.WrittenTokens.Frame;
import dev.culebra.train.setup.WrittenTokens.Reader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * What all workloads of text share: a task, its data, and a model. Closing it frees data and model.
 *
 * @param mark finds words and sentences
 */
record TextSetup(
    Recipe recipe,
    ObjectiveMix task,
    RunData data,
    SpecialTokens specials,
    Function<int[], Text> mark,
    TextModel all)
    implements AutoCloseable {

  /** Makes or loads the model beside some data. */
  private interface Making {
    TextModel model();
  }

  /** The setup of a run; closes the data if there is no model to be had. */
  static TextSetup begin(
      Recipe recipe, ObjectiveMix task, RunData data, Device device, RunListener listener) {
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
  static TextSetup trained(
      Recipe recipe, ObjectiveMix task, RunData data, Path folder, Device device) {
    TextSetup setup =
        with(recipe, task, data, () -> TokenModels.trained(recipe, task, folder, device));
    int context = Math.min(recipe.get(Settings.CONTEXT), setup.model().context());
    Recipe fitted = recipe.with(Settings.CONTEXT, context);
    return new TextSetup(fitted, task, data, setup.specials, setup.mark, setup.all);
  }

  private static TextSetup with(Recipe recipe, ObjectiveMix task, RunData data, Making making) {
    TextModel model = null;
    try {
      SpecialTokens specials = SpecialTokens.in(data.tokenizer(), task.sentinels());
      Function<int[], Text> mark =
          task.vocabulary().specials() ? TextMarks.of(data.tokenizer())::text : Text::of;
      model = making.model();
      return new TextSetup(recipe, task, data, specials, mark, model);
    } finally {
      if (model == null) {
        data.close();
      }
    }
  }

  /** What tokens are asked of. */
  TokenModel model() {
    return all.tokens();
  }

  /** The batches. */
  TextDataset samples() {
    return new TextDataset(recipe, task, specials, mark);
  }

  /** Says how many pairs are cut off. */
  void tellCut(RunListener listener) {
    long cut = samples().cut(data);
    if (cut > 0) {
      listener.note(
          Format.text(
              "data        %s cut off at the end: model.context %d has no room for more",
              Format.count(cut, "pairs"), recipe.get(Settings.CONTEXT)));
    }
  }

  /** Bytes that a chunk of logits may take. */
  long logitsBudget() {
    return (long) recipe.get(Settings.LOGITS_BUDGET) << 20;
  }

  /** Writes the model's folder. */
  void save(Path folder, Device device) throws IOException {
    if (all.towers() != null) {
      EmbeddingFolder.save(
          folder, device, all.towers(), null, data.tokenizerFile(), data.tokenizer());
      return;
    }
    Reader reader = task.architecture() == Architecture.ENCODER ? Reader.ENCODER : Reader.WRITER;
    WrittenTokens tokens =
        new WrittenTokens(data.tokenizerFile(), data.tokenizer(), frame(), forcedBegin());
    TokenIds ids = tokens.ids(usualIds(), reader);
    ModelFolder.save(folder, device, model(), ids, data.tokenizerFile());
    tokens.write(folder, ids, reader, model().context());
  }

  /** The special tokens that training used. */
  private TokenIds usualIds() {
    if (!task.vocabulary().specials()) {
      return TokenIds.ending(data.tokenizer().endOfText());
    }
    boolean both = task.architecture() == Architecture.ENCODER_DECODER;
    Special start = task.first().objective() == TextObjective.DENOISING ? Special.END : Special.PAD;
    return new TokenIds(
        specials.id(Special.BEGIN),
        List.of(specials.id(Special.END)),
        specials.id(Special.PAD),
        both ? specials.start(start) : -1);
  }

  /** What stood around a text that an encoder read. */
  private Frame frame() {
    return switch (task.architecture()) {
      case ENCODER -> Frame.BOTH;
      case DECODER -> Frame.NONE;
      case ENCODER_DECODER ->
          switch (task.first().objective()) {
            case DENOISING -> denoisesFramed() ? Frame.BOTH : Frame.NONE;
            default -> task.first().profile().equals("plain") ? Frame.NONE : Frame.END;
          };
    };
  }

  private boolean denoisesFramed() {
    return task.first().objective() == TextObjective.DENOISING
        && List.of("fairseq", "hf").contains(task.first().profile());
  }

  private int forcedBegin() {
    boolean writes = task.architecture() == Architecture.ENCODER_DECODER;
    int[] opening = specials.opening();
    boolean opened = frame() != Frame.NONE && opening.length > 0;
    return writes && denoisesFramed()
        ? specials.id(Special.BEGIN)
        : writes && opened ? opening[0] : -1;
  }

  @Override
  public void close() {
    all.whole().close();
    data.close();
  }
}
